-- The demonstration does not wait a day: this invoice's mails were sent 25 hours ago.
with asked as (
  update rubis.checkin_task as t
     set sent_at = t.sent_at - interval '25 hours', expires_at = t.expires_at - interval '25 hours'
   where t.invoice_id = %(invoice_id)s and t.status = 'sent'
  returning t.organization_id, t.checkin_task_id
)
update rubis.mail_attempt as a
   set attempted_at = a.attempted_at - interval '25 hours',
       accepted_at = a.accepted_at - interval '25 hours'
  from asked as t
  join rubis.mail_item as x
    on x.organization_id = t.organization_id and x.checkin_task_id = t.checkin_task_id
 where a.organization_id = x.organization_id and a.mail_id = x.mail_id and a.attempt = x.attempt;
