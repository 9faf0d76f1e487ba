create or replace function worker.prune_heartbeats()
returns void
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Forget workers that have not ticked for a week, except the last one: its row tells since when no
-- worker ticks. Of more than a thousand, as a worker leaves that dies at each start, forget those
-- that ticked first.
--   Called by  worker/chores.py
--   Writes     worker_heartbeat
  delete from rubis.worker_heartbeat as h
   using (
     select w.worker, row_number() over (order by w.last_tick_at desc, w.worker) as place
       from rubis.worker_heartbeat as w) as r
   where r.worker = h.worker
     and (r.place > 1000 or r.place > 1 and h.last_tick_at < rubis.clock() - interval '7 days');
$$;
comment on function worker.prune_heartbeats() is
  'Delete the heartbeats of workers gone for a week, and all but the last thousand.';
