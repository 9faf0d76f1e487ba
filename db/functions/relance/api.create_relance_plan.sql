create or replace function api.create_relance_plan(
  p_access_token_hash bytea, p_name text, p_steps jsonb
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Add a relance plan. The user can then give it to clients.
--   Called by  app/api/routes/relance_plans.py
--   Writes     relance_plan, relance_plan_step
--   Raises     RB401, RB409 relance_plan__name, RB422
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_plan rubis.relance_plan;
begin
  insert into rubis.relance_plan as p (organization_id, name)
  values (v_actor.organization_id, p_name)
  on conflict (organization_id, rubis.key(name)) do nothing
  returning p.* into v_plan;
  if not found then
    raise exception using errcode = 'RB409', constraint = 'relance_plan__name', column = 'name',
      message = format('a relance plan %s exists already', p_name);
  end if;
  perform rubis.put_steps(v_plan, p_steps);
  return rubis.plan_document(v_plan);
end;
$$;
comment on function api.create_relance_plan(bytea, text, jsonb) is
  'Add a relance plan with its steps. RB401, RB409, RB422.';
