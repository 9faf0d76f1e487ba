create view audit.stuck_worker as
select max(h.last_tick_at) as last_tick_at,
       case when max(h.last_tick_at) is null then 'no worker has ticked here within the last week'
         else format('no worker has ticked for %s',
           date_trunc('second', rubis.clock() - max(h.last_tick_at))) end as why,
       'start one: rubis worker, or rubis up; its log says why it ended' as what_to_do
from rubis.worker_heartbeat as h
having coalesce(max(h.last_tick_at) < rubis.clock() - interval '1 minute', true);

comment on view audit.stuck_worker is
  'One row if no worker has ticked for a minute; then nothing '
  'is asked and nothing expires. Empty when all is well.';
comment on column audit.stuck_worker.last_tick_at is
  'The last tick of any worker; rubis.worker_heartbeat has one row for each.';
