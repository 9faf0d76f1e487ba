-- The demonstration does not wait a minute: the receipt of this invoice's answer is due now.
update rubis.checkin_task as t
   set receipt_at = rubis.clock()
 where t.invoice_id = %(invoice_id)s and t.receipt_at is not null;
