-- The demonstration does not wait a day: this invoice's mails were sent 25 hours ago.
with asked as (
  update rubis.checkin_task as t
     set sent_at = t.sent_at - interval '25 hours', expires_at = t.expires_at - interval '25 hours'
   where t.invoice_id = %(invoice_id)s and t.status = 'sent'
  returning t.organization_id, t.checkin_task_id
)
update rubis.checkin_mail as m
   set attempted_at = m.attempted_at - interval '25 hours',
       accepted_at = m.accepted_at - interval '25 hours'
  from asked as a
 where m.organization_id = a.organization_id and m.checkin_task_id = a.checkin_task_id;
