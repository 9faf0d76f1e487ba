create or replace function rubis.check_plan(p_organization_id bigint, p_relance_plan_id bigint)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Refuse a relance_plan_id, given as a field, that is not this organization's; keep the plan from
-- being deleted until the transaction ends.
--   Called by  api.update_client
--   Raises     RB422
begin
  perform from rubis.relance_plan as p
    where p.organization_id = p_organization_id and p.relance_plan_id = p_relance_plan_id
      for key share;
  if not found then
    raise exception using errcode = 'RB422', constraint = 'client__relance_plan',
      column = 'relance_plan_id',
      message = format('relance plan %s does not exist', p_relance_plan_id);
  end if;
end;
$$;
comment on function rubis.check_plan(bigint, bigint) is
  'Refuse a relance_plan_id that is not the organization''s. RB422.';
