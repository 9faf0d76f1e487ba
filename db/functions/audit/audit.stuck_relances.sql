-- Relances that missed their time, and those that wait for somebody. Not those that the user keeps
-- back on purpose.

create view audit.stuck_relances as
select s.organization_id, s.invoice_id, s.relance_id, s.status, s.since, s.reason, s.why,
       s.what_to_do
from (
  select r.organization_id, r.invoice_id, r.relance_id, r.status, r.next_look_at as since,
         null as reason,
         'due, and no tick has judged it, or no letter has taken it' as why,
         'look at audit.stuck_worker, audit.stuck_organizations and audit.stuck_mail: a tick makes '
         'the letter, a worker begins it' as what_to_do
    from rubis.relance as r
   where r.status = 'scheduled' and r.next_look_at < rubis.clock() - interval '2 minutes'
  union all
  select r.organization_id, r.invoice_id, r.relance_id, r.status, r.scheduled_at, f.reason, w.why,
         w.what_to_do
    from rubis.relance as r
   cross join lateral rubis.relance_outlook(r) as f
    join (values
      ('owner_not_asked', 'the check-in failed or was cancelled, so the user was not asked',
        'the user answers in the app or asks again; '
        'correct app_user.email if the mail was refused'),
      ('owner_said_paid', 'paid was clicked without counting, and the user has not decided since',
        'the user decides on the page that the mail names, or answers in the app'),
      ('address_unproven', 'no person has acted on a mail to the user: the address is not proven',
        'the user answers a check-in, or asks for a verification mail and presses its button'),
      ('no_address', 'the client has no address', 'the user gives it one'),
      ('unconfirmed', 'handed over, and it is unknown whether it arrived',
        'the user asks the client, then confirms it or sends it again')
    ) as w (reason, why, what_to_do) on w.reason = f.reason
   where r.status in ('held', 'unconfirmed')
  union all
  select r.organization_id, r.invoice_id, r.relance_id, r.status, r.scheduled_at,
         'calendar_unknown',
         'due, and the public holidays of this year are not known',
         'see that a worker runs: it fills rubis.holiday_year'
    from rubis.relance as r
    join rubis.organization as o on o.organization_id = r.organization_id
   where r.status = 'scheduled' and r.scheduled_at <= rubis.clock()
     and not exists (
       select from rubis.holiday_year as y
        where y.calendar = o.calendar
          and y.year = extract(year from rubis.clock() at time zone o.time_zone))
  union all
  select r.organization_id, r.invoice_id, r.relance_id, r.status, r.scheduled_at, null,
         'a day of failures, and nothing is ahead',
         'see mail_attempt.failure_detail; the user sends it again'
    from rubis.relance as r
    join rubis.invoice as i on i.organization_id = r.organization_id and i.invoice_id = r.invoice_id
   where r.status = 'failed' and i.status = 'open'
     and not exists (
       select from rubis.relance as later
        where later.organization_id = r.organization_id and later.invoice_id = r.invoice_id
          and later.relance_id > r.relance_id)
  union all
  select r.organization_id, r.invoice_id, r.relance_id, r.status, r.cancelled_at, 'paused',
         'the client''s address was refused, and its relances are paused',
         'the user gives the client a new address, or resumes'
    from rubis.relance as r
    join rubis.invoice as i on i.organization_id = r.organization_id and i.invoice_id = r.invoice_id
    join rubis.client as m on m.organization_id = i.organization_id and m.client_id = i.client_id
    join rubis.client as c
      on c.organization_id = m.organization_id
     and c.client_id = coalesce(m.merged_into_client_id, m.client_id)
   where r.status = 'cancelled' and r.cancel_reason = 'address refused' and i.status = 'open'
     and c.pause_reason = 'address refused'
) as s
order by s.since;

comment on view audit.stuck_relances is
  'Relances that nothing moved for two minutes, and those '
  'that wait for somebody, with what to do; oldest first.';
comment on column audit.stuck_relances.since is 'When it should have moved or left.';
comment on column audit.stuck_relances.reason is
  'The verdict''s reason, if it is held; see audit.relance_verdict.';
comment on column audit.stuck_relances.why is 'What is wrong, in words.';
