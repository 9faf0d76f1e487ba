create or replace function worker.prune_outages()
returns void
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Forget outages that ended two years ago, except the last one of each kind, which says up to when
-- failures have been told. At most a thousand at a time.
--   Called by  worker/chores.py
--   Writes     outage
  delete from rubis.outage as o
   -- An array is made once; of a subquery a plan without statistics may be one per row.
   where o.outage_id = any (array(
     select x.outage_id from rubis.outage as x
      where x.ended_at < rubis.clock() - interval '2 years'
        and x.ended_at < (
          select max(l.ended_at) from rubis.outage as l where l.kind = x.kind)
      order by x.outage_id limit 1000));
$$;
comment on function worker.prune_outages() is
  'Delete the outages of two years ago, a thousand at a time.';
