create or replace function rubis.next_relance_step(
  p_organization_id bigint, p_relance_plan_id bigint, p_after smallint
)
returns rubis.relance_plan_step
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Find the step after p_after in a plan: in the default plan if the client has none of its own.
--   Called by  rubis.issue_effects, rubis.schedule_relance, rubis.relance_forecast
  select s.*
    from rubis.relance_plan as p
    join rubis.relance_plan_step as s
      on s.organization_id = p.organization_id and s.relance_plan_id = p.relance_plan_id
   where p.organization_id = p_organization_id
     and case when p_relance_plan_id is null then p.is_default
           else p.relance_plan_id = p_relance_plan_id end
     and s.step > p_after
   order by s.step limit 1;
$$;
comment on function rubis.next_relance_step(bigint, bigint, smallint) is
  'The first step after p_after (0: the first of all) in a plan (null: the default one); null if '
  'none is left.';
