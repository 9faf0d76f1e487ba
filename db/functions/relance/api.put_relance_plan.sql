create or replace function api.put_relance_plan(
  p_access_token_hash bytea, p_relance_plan_id bigint, p_name text, p_steps jsonb
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Replace a plan, the default one if p_relance_plan_id is null. Invoices are planned
-- again later.
--   Called by  app/api/routes/relance_plans.py
--   Writes     relance_plan, relance_plan_step; organization by its triggers
--   Raises     RB401, RB404, RB409 relance_plan__name, RB422
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_plan rubis.relance_plan;
begin
  v_plan := rubis.lock_plan(v_actor.organization_id, p_relance_plan_id);
  update rubis.relance_plan as p
     set name = coalesce(p_name, p.name)
   where p.organization_id = v_plan.organization_id and p.relance_plan_id = v_plan.relance_plan_id
  returning p.* into v_plan;
  perform rubis.put_steps(v_plan, p_steps);
  return rubis.plan_document(v_plan);
exception
  when unique_violation then
    raise exception using errcode = 'RB409', constraint = 'relance_plan__name', column = 'name',
      message = format('a relance plan %s exists already', p_name);
end;
$$;
comment on function api.put_relance_plan(bytea, bigint, text, jsonb) is
  'Replace name (if given) and steps of a relance plan; null means the default one. RB401, RB404, '
  'RB409, RB422.';
