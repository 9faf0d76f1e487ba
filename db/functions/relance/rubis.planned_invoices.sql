create or replace function rubis.planned_invoices(
  p_organization_id bigint, p_client_ids bigint[], p_relance_plan_id bigint
)
returns setof bigint
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Find the open invoices of some clients, of those that follow a plan, or of all.
--   Called by  rubis.hold_planning
  select i.invoice_id
    from rubis.invoice as i
    join rubis.client as c
      on c.organization_id = i.organization_id
     and c.client_id = rubis.live_client_id(i.organization_id, i.client_id)
   where i.organization_id = p_organization_id and i.status = 'open'
     and (p_client_ids is null or i.client_id = any (p_client_ids))
     and (p_relance_plan_id is null or p_relance_plan_id = coalesce(c.relance_plan_id, (
       select p.relance_plan_id from rubis.relance_plan as p
        where p.organization_id = p_organization_id and p.is_default)));
$$;
comment on function rubis.planned_invoices(bigint, bigint[], bigint) is
  'The open invoices of some clients, of those that follow a plan, or of all.';
