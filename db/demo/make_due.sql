-- The demonstration does not wait for a due date: this invoice's check-in is due now.
update rubis.checkin_task as t
   set scheduled_at = rubis.clock()
 where t.invoice_id = %(invoice_id)s and t.status = 'scheduled';
