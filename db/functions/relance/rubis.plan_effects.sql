create or replace function rubis.plan_effects()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Move the relances that follow a changed plan and are still ahead.
--   Called by  triggers relance_plan_step_50_effects_*
--   Writes     relance
declare
  v_plan record;
begin
  for v_plan in
    select distinct c.organization_id, c.relance_plan_id from changed as c
     order by c.organization_id, c.relance_plan_id
  loop
    perform rubis.replan_relances(
      v_plan.organization_id, rubis.hold_planning(
        v_plan.organization_id, p_relance_plan_id => v_plan.relance_plan_id));
  end loop;
  return null;
end;
$$;
comment on function rubis.plan_effects() is
  'Trigger: schedule the relances again that follow a changed plan.';
