create or replace function rubis.is_plan_followed(
  p_organization_id bigint, p_relance_plan_id bigint
)
returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Tell whether a client follows a plan whose steps have changed in this transaction, or may do so
-- by the time it commits. Who gives the plan to a client holds the plan's row for key share: if
-- the row is free of it, the second look sees every client that has the plan, and no other gets it
-- before the change is committed. The lock skips and never waits.
--   Called by  rubis.plan_effects
begin
  if exists (
    select from rubis.relance_plan as p
     where p.organization_id = p_organization_id and p.relance_plan_id = p_relance_plan_id
       and p.is_default
    union all
    select from rubis.client as c
     where c.organization_id = p_organization_id and c.relance_plan_id = p_relance_plan_id
  ) then
    return true;
  end if;
  perform from rubis.relance_plan as p
    where p.organization_id = p_organization_id and p.relance_plan_id = p_relance_plan_id
      for update skip locked;
  return not found or exists (
    select from rubis.client as c
     where c.organization_id = p_organization_id and c.relance_plan_id = p_relance_plan_id);
end;
$$;
comment on function rubis.is_plan_followed(bigint, bigint) is
  'Whether a client follows a plan, or may follow it by the time this transaction commits.';
