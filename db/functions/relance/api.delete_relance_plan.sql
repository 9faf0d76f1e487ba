create or replace function api.delete_relance_plan(
  p_access_token_hash bytea, p_relance_plan_id bigint
)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Delete a plan that no client follows and no relance came from. The lock waits for who gives the
-- plan to a client at this moment.
--   Called by  app/api/routes/relance_plans.py
--   Writes     relance_plan, relance_plan_step
--   Raises     RB401, RB404, RB409 relance_plan__in_use
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_plan rubis.relance_plan;
begin
  perform from rubis.relance_plan as p
    where p.organization_id = v_actor.organization_id and p.relance_plan_id = p_relance_plan_id
      for update;
  v_plan := rubis.lock_plan(v_actor.organization_id, p_relance_plan_id);
  if v_plan.is_default
    or exists (
      select from rubis.client as c
       where c.organization_id = v_plan.organization_id
         and c.relance_plan_id = v_plan.relance_plan_id)
    or exists (
      select from rubis.relance as r
       where r.organization_id = v_plan.organization_id
         and r.relance_plan_id = v_plan.relance_plan_id) then
    raise exception using errcode = 'RB409', constraint = 'relance_plan__in_use',
      column = 'relance_plan_id',
      message = format('relance plan %s is in use', v_plan.name),
      hint = 'the default plan, a plan that a client follows and a plan that relances came from '
        'cannot be deleted';
  end if;
  delete from rubis.relance_plan_step as s
   where s.organization_id = v_plan.organization_id and s.relance_plan_id = v_plan.relance_plan_id;
  delete from rubis.relance_plan as p
   where p.organization_id = v_plan.organization_id and p.relance_plan_id = v_plan.relance_plan_id;
end;
$$;
comment on function api.delete_relance_plan(bytea, bigint) is
  'Delete a relance plan that nothing refers to. RB401, RB404, RB409.';
