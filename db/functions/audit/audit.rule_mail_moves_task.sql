create view audit.rule_mail_moves_task as
select t.organization_id, t.invoice_id, t.checkin_task_id, t.status,
       'find out who wrote past worker.finish_checkin_send; '
         'a tick asks again when the lease runs out' as remedy
from rubis.checkin_task as t
where t.status = 'sending'
  and exists (
    select from rubis.checkin_mail as m
     where m.organization_id = t.organization_id and m.checkin_task_id = t.checkin_task_id
       and m.accepted_at is not null
       and m.checkin_mail_id = (
         select max(l.checkin_mail_id) from rubis.checkin_mail as l
          where l.organization_id = t.organization_id and l.checkin_task_id = t.checkin_task_id))
union all
select t.organization_id, t.invoice_id, t.checkin_task_id, t.status,
       'find out who set it to sent: no mail of it was accepted or used; ask again in the app'
from rubis.checkin_task as t
where t.status in ('sent', 'expired')
  and not exists (
    select from rubis.checkin_mail as m
     where m.organization_id = t.organization_id and m.checkin_task_id = t.checkin_task_id
       -- Or read before that was known: an answer by it was taken back.
       and (m.accepted_at is not null or exists (
         select from rubis.checkin_click as k
          where k.organization_id = m.organization_id and k.checkin_mail_id = m.checkin_mail_id)));

comment on view audit.rule_mail_moves_task is
  'A check-in is sent exactly when the mail of its latest '
  'attempt was accepted, or a mail of it was used.';
