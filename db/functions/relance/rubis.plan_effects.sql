create or replace function rubis.plan_effects()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Steps of a plan that a client follows have changed: the organization's invoices are planned again
-- later.
--   Called by  triggers relance_plan_step_50_effects_*
--   Writes     organization
declare
  v_plan record;
begin
  for v_plan in
    select distinct c.organization_id, c.relance_plan_id from changed as c
     order by c.organization_id, c.relance_plan_id
  loop
    if rubis.is_plan_followed(v_plan.organization_id, v_plan.relance_plan_id) then
      update rubis.organization as o
         set schedule_version = o.schedule_version + 1
       where o.organization_id = v_plan.organization_id;
    end if;
  end loop;
  return null;
end;
$$;
comment on function rubis.plan_effects() is
  'Trigger: raise schedule_version when the steps of a plan that is followed have changed.';
