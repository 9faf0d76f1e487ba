create or replace function api.get_relance_plan(
  p_access_token_hash bytea, p_relance_plan_id bigint default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- One relance plan: the default one if p_relance_plan_id is null.
--   Called by  app/api/routes/relance_plans.py
--   Raises     RB401, RB404
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_plan rubis.relance_plan;
begin
  select p.* into v_plan from rubis.relance_plan as p
   where p.organization_id = v_actor.organization_id
     and case when p_relance_plan_id is null then p.is_default
           else p.relance_plan_id = p_relance_plan_id end;
  if not found then
    raise exception using errcode = 'RB404', constraint = 'relance_plan__missing',
      column = 'relance_plan_id',
      message = format('relance plan %s does not exist', p_relance_plan_id);
  end if;
  return rubis.plan_document(v_plan);
end;
$$;
comment on function api.get_relance_plan(bytea, bigint) is
  'A relance plan; null means the default one. RB401, RB404.';
