-- Mail that did not leave and is being tried again. Operator failures are ours to mend: /readyz turns on them too.

create view audit.stuck_mail as
select t.organization_id, t.invoice_id, t.checkin_task_id, m.checkin_mail_id, t.status, t.attempts,
       m.failure_class, m.failure_detail, m.failed_at, t.next_attempt_at,
       case m.failure_class
         when 'operator' then 'mend the mail settings, credentials or quota (rubis doctor); it is tried again at next_attempt_at'
         when 'unknown' then 'nothing: it may have arrived, so it is mailed again and both links work'
         else 'nothing yet: tried again for a day, then the check-in fails' end as what_to_do
from rubis.checkin_task as t
join lateral (
  select m.checkin_mail_id, m.failure_class, m.failure_detail, m.failed_at
    from rubis.checkin_mail as m
   where m.organization_id = t.organization_id and m.checkin_task_id = t.checkin_task_id and m.failed_at is not null
   order by m.checkin_mail_id desc limit 1
) as m on true
where t.status in ('scheduled', 'queued', 'sending') and t.attempts > 0
order by m.failure_class = 'operator' desc, m.failed_at;

comment on view audit.stuck_mail is
  'Live check-ins whose last mail to end has failed; failure_class operator first: those wait for us. Empty when all is well.';
comment on column audit.stuck_mail.next_attempt_at is 'When it is tried again; null if that is under way.';
