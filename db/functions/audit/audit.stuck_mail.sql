-- Mail that did not leave and is tried again. Operator failures are ours to mend; /readyz shows
-- them too.

create view audit.stuck_mail as
select s.organization_id, s.source, s.invoice_id, s.checkin_task_id, s.checkin_mail_id,
       s.relance_id, s.relance_mail_id, s.user_mail_id, s.user_mail_attempt_id, s.status,
       s.attempts, s.failure_class, s.failure_detail, s.failed_at,
       s.next_attempt_at,
       case s.failure_class
         when 'operator'
           then 'mend the mail settings, credentials or quota (rubis doctor); '
             'it is tried again at next_attempt_at'
         when 'unknown' then case s.source
           when 'relance' then 'nothing: the user asked to send it again'
           when 'check-in'
             then 'nothing: it may have arrived, so it is mailed again and both links work'
           else 'nothing: it may have arrived, and is mailed again' end
         when 'refused' then 'nothing: the client has another address now, and it is tried there'
         else 'nothing yet: tried again for a day, then the ' || s.source || ' fails' end
           as what_to_do
from (
  select t.organization_id, 'check-in' as source, t.invoice_id, t.checkin_task_id,
         m.checkin_mail_id, null::bigint as relance_id, null::bigint as relance_mail_id,
         null::bigint as user_mail_id, null::bigint as user_mail_attempt_id,
         t.status, t.attempts, m.failure_class, m.failure_detail, m.failed_at, t.next_attempt_at
    from rubis.checkin_task as t
    join lateral (
      select m.checkin_mail_id, m.failure_class, m.failure_detail, m.failed_at
        from rubis.checkin_mail as m
       where m.organization_id = t.organization_id and m.checkin_task_id = t.checkin_task_id
         and m.failed_at is not null
       order by m.checkin_mail_id desc limit 1
    ) as m on true
   where t.status in ('scheduled', 'queued', 'sending') and t.attempts > 0
  union all
  select r.organization_id, 'relance', r.invoice_id, null, null, r.relance_id, m.relance_mail_id,
         null, null,
         r.status, r.attempts, m.failure_class, m.failure_detail, m.failed_at, r.next_attempt_at
    from rubis.relance as r
    join lateral (
      select m.relance_mail_id, m.failure_class, m.failure_detail, m.failed_at
        from rubis.relance_mail as m
       where m.organization_id = r.organization_id and m.relance_id = r.relance_id
         and m.failed_at is not null and m.failure_class <> 'withdrawn'
       order by m.relance_mail_id desc limit 1
    ) as m on true
   where r.status in ('scheduled', 'queued', 'sending') and r.attempts > 0
  union all
  select u.organization_id, 'user mail', null, null, null, null, null, u.user_mail_id,
         a.user_mail_attempt_id,
         u.status, u.attempts, a.failure_class, a.failure_detail, a.failed_at, u.next_attempt_at
    from rubis.user_mail as u
    join lateral (
      select a.user_mail_attempt_id, a.failure_class, a.failure_detail, a.failed_at
        from rubis.user_mail_attempt as a
       where a.organization_id = u.organization_id and a.user_mail_id = u.user_mail_id
         and a.failed_at is not null
       order by a.user_mail_attempt_id desc limit 1
    ) as a on true
   where u.status in ('scheduled', 'queued', 'sending') and u.attempts > 0
) as s
order by s.failure_class = 'operator' desc, s.failed_at;

comment on view audit.stuck_mail is
  'Check-ins, relances and mails to users whose last mail '
  'to end has failed; operator first: those wait for us.';
comment on column audit.stuck_mail.source is 'check-in, relance or user mail.';
comment on column audit.stuck_mail.next_attempt_at is
  'When it is tried again; null if that is under way.';
