-- Check-ins that missed their time. A healthy worker leaves this view empty: it ticks every few
-- seconds.

create view audit.stuck_checkins as
select s.organization_id, s.invoice_id, s.checkin_task_id, s.status, s.since, s.why, s.what_to_do
from (
  select t.organization_id, t.invoice_id, t.checkin_task_id, t.status, t.scheduled_at as since,
         'due, and no mail has taken it' as why,
         'look at audit.stuck_worker, audit.stuck_organizations and audit.stuck_mail: a tick makes '
         'the mail, a worker begins it' as what_to_do
    from rubis.checkin_task as t
   where t.status = 'scheduled' and t.scheduled_at < rubis.clock() - interval '2 minutes'
  union all
  select t.organization_id, t.invoice_id, t.checkin_task_id, t.status, t.expires_at,
         'its links have run out, and no tick has expired it',
         'look at audit.stuck_worker and audit.stuck_organizations: a tick expires it'
    from rubis.checkin_task as t
   where t.status = 'sent' and t.expires_at < rubis.clock() - interval '2 minutes'
  union all
  select t.organization_id, t.invoice_id, t.checkin_task_id, t.status, t.ended_at,
         format('no mail could be delivered (%s), so the user was not asked about an open invoice',
           t.end_reason),
         'correct app_user.email, then ask again in the app'
    from rubis.checkin_task as t
    join rubis.invoice as i on i.organization_id = t.organization_id and i.invoice_id = t.invoice_id
   where t.status = 'failed' and i.status = 'open'
     and not exists (
       select from rubis.checkin_task as later
        where later.organization_id = t.organization_id and later.invoice_id = t.invoice_id
          and later.checkin_task_id > t.checkin_task_id)
) as s
order by s.since;

comment on view audit.stuck_checkins is
  'Check-ins whose time ran out two minutes ago or more, and '
  'those that failed; oldest first. Empty when all is well.';
comment on column audit.stuck_checkins.since is 'When it should have moved, or when it failed.';
comment on column audit.stuck_checkins.why is 'What is wrong, in words.';
