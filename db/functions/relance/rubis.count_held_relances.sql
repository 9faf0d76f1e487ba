create or replace function rubis.count_held_relances(p_limit int)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Count the held relances by reason. Each step of the recursion reads the next reason from the
-- index.
--   Called by  api.measure_flow
  with recursive reason (name) as (
    select min(r.hold_reason) from rubis.relance as r where r.status = 'held'
    union all
    select (
        select min(r.hold_reason) from rubis.relance as r
         where r.status = 'held' and r.hold_reason > n.name)
      from reason as n where n.name is not null
  )
  select coalesce(jsonb_object_agg(n.name, c.held), '{}')
    from reason as n
   cross join lateral (
     select count(*) as held from (
       select from rubis.relance as r
        where r.status = 'held' and r.hold_reason = n.name limit p_limit) as counted) as c
   where n.name is not null;
$$;
comment on function rubis.count_held_relances(int) is
  'How many relances are held, by reason, up to p_limit each.';
