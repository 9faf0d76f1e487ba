-- The demonstration does not wait a minute: the receipt of this invoice's answer is due now.
update rubis.user_mail as m
   set next_attempt_at = rubis.clock()
  from rubis.checkin_task as t
 where t.invoice_id = %(invoice_id)s
   and m.organization_id = t.organization_id and m.checkin_task_id = t.checkin_task_id
   and m.status = 'scheduled';
