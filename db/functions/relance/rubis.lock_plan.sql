create or replace function rubis.lock_plan(p_organization_id bigint, p_relance_plan_id bigint)
returns rubis.relance_plan
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Lock a relance plan of this organization until the transaction ends: the default one if
-- p_relance_plan_id is null.
--   Called by  api.put_relance_plan, api.delete_relance_plan
--   Raises     RB404
declare
  v_plan rubis.relance_plan;
begin
  select p.* into v_plan from rubis.relance_plan as p
   where p.organization_id = p_organization_id
     and case when p_relance_plan_id is null then p.is_default
           else p.relance_plan_id = p_relance_plan_id end
     for no key update;
  if not found then
    raise exception using errcode = 'RB404', constraint = 'relance_plan__missing',
      column = 'relance_plan_id',
      message = format('relance plan %s does not exist', p_relance_plan_id);
  end if;
  return v_plan;
end;
$$;
comment on function rubis.lock_plan(bigint, bigint) is
  'Lock and return a relance plan; null means the default one. RB404.';
