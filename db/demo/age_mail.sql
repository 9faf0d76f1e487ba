-- The demonstration does not wait a day: this invoice's mails were sent 25 hours ago.
update rubis.checkin_mail as m
   set attempted_at = m.attempted_at - interval '25 hours', accepted_at = m.accepted_at - interval '25 hours'
  from rubis.checkin_task as t
 where t.invoice_id = %(invoice_id)s
   and m.organization_id = t.organization_id and m.checkin_task_id = t.checkin_task_id;
