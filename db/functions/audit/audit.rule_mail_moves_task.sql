create view audit.rule_mail_moves_task as
with asked as (
  select x.organization_id, x.checkin_task_id, x.mail_id, x.attempt, x.position, a.attempted_at,
         a.accepted_at
    from rubis.mail_item as x
    join rubis.mail as m on m.organization_id = x.organization_id and m.mail_id = x.mail_id
    join rubis.mail_attempt as a
      on a.organization_id = x.organization_id and a.mail_id = x.mail_id and a.attempt = x.attempt
   where m.kind = 'questions'
)

select t.organization_id, t.invoice_id, t.checkin_task_id, t.status,
       'find out who wrote past worker.finish_mails; a tick asks again when the lease runs out'
         as remedy
from rubis.checkin_task as t
cross join lateral (
  select s.accepted_at from asked as s
   where s.organization_id = t.organization_id and s.checkin_task_id = t.checkin_task_id
   order by s.attempted_at desc, s.mail_id desc, s.attempt desc limit 1
) as latest
where t.status = 'sending' and latest.accepted_at is not null
union all
select t.organization_id, t.invoice_id, t.checkin_task_id, t.status,
       'find out who set it to sent: no mail of it was accepted or used; ask again in the app'
from rubis.checkin_task as t
where t.status in ('sent', 'expired')
  and not exists (
    select from asked as s
     where s.organization_id = t.organization_id and s.checkin_task_id = t.checkin_task_id
       -- Or read before that was known: an answer by it was taken back.
       and (s.accepted_at is not null or exists (
         select from rubis.checkin_click as k
          where k.organization_id = s.organization_id and k.mail_id = s.mail_id
            and k.attempt = s.attempt and k.position = s.position)));

comment on view audit.rule_mail_moves_task is
  'A check-in is sent exactly when the mail of its latest '
  'attempt was accepted, or a mail of it was used.';
