-- Organizations whose ticks fail, or for which no tick comes. The others are served meanwhile.

create view audit.stuck_organizations as
select s.organization_id, o.name as organization_name, s.since, s.ticked_at, s.failures, s.why,
       s.failure_detail, s.what_to_do
from (
  select a.organization_id, a.failed_at as since, a.ticked_at, a.failures,
         'its last tick has failed' as why, a.failure_detail,
         'read failure_detail and the worker''s log; the tick is tried again at next_due_at of '
         'rubis.agenda' as what_to_do
    from rubis.agenda as a
   where a.failures > 0
  union all
  select a.organization_id, a.next_due_at, a.ticked_at, a.failures,
         'due, and no worker has ticked for it', null,
         'look at audit.stuck_worker; if workers tick, start more of them'
    from rubis.agenda as a
   where a.failures = 0 and a.next_due_at < rubis.clock() - interval '2 minutes'
) as s
join rubis.organization as o on o.organization_id = s.organization_id
order by s.since;

comment on view audit.stuck_organizations is
  'Organizations whose last tick failed, or that wait for one since two minutes or more; oldest '
  'first. Empty when all is well.';
comment on column audit.stuck_organizations.since is 'When its tick failed, or was due.';
comment on column audit.stuck_organizations.failures is 'How many of its ticks failed in a row.';
