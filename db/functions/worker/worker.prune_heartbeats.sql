create or replace function worker.prune_heartbeats()
returns void
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Forget workers that have not ticked for a week, except the last one: its row tells since when no
-- worker ticks.
--   Called by  worker/tick.py
--   Writes     worker_heartbeat
  delete from rubis.worker_heartbeat as h
   where h.last_tick_at < rubis.clock() - interval '7 days'
     and h.last_tick_at < (select max(l.last_tick_at) from rubis.worker_heartbeat as l);
$$;
comment on function worker.prune_heartbeats() is
  'Delete the heartbeats of workers gone for a week.';
