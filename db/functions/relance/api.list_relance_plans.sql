create or replace function api.list_relance_plans(p_access_token_hash bytea)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- All relance plans of the organization, the default one first.
--   Called by  app/api/routes/relance_plans.py
--   Raises     RB401
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
begin
  return jsonb_build_object('items', (
    select jsonb_agg(rubis.plan_document(p) order by p.is_default desc, p.relance_plan_id)
      from rubis.relance_plan as p
     where p.organization_id = v_actor.organization_id));
end;
$$;
comment on function api.list_relance_plans(bytea) is
  'The relance plans: {items}. RB401.';
