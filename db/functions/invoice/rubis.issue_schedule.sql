create or replace function rubis.issue_schedule(
  p_organization_id bigint, p_invoice_ids bigint[], p_client_ids bigint[], p_due_ons date[]
)
returns table (invoice_ids bigint[], asked_at timestamptz, step rubis.relance_plan_step, relance_at timestamptz)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- When new invoices of an organization are asked about, and what reminds of them when: found once for those that fall due on
-- one day and follow one plan. No step if their plan has none. Nothing is read of the invoices: they have no check-in or
-- relance yet.
--   Called by  rubis.issue_effects
declare
  v_organization rubis.organization;
begin
  select o.* into strict v_organization from rubis.organization as o where o.organization_id = p_organization_id;
  return query
  with due as materialized (
    select d.invoice_ids, d.relance_plan_id, d.due_on,
           rubis.checkin_at(d.due_on, v_organization.checkin_time, v_organization.time_zone) as asked_at
      from (
        select c.relance_plan_id, i.due_on, array_agg(i.invoice_id) as invoice_ids
          from unnest(p_invoice_ids, p_client_ids, p_due_ons) as i (invoice_id, client_id, due_on)
          join rubis.client as c on c.organization_id = p_organization_id and c.client_id = i.client_id
         group by c.relance_plan_id, i.due_on
      ) as d
  ),

  plan as materialized (
    select p.relance_plan_id, rubis.next_relance_step(p_organization_id, p.relance_plan_id, 0::smallint) as step
      from (select distinct d.relance_plan_id from due as d) as p
  )

  select d.invoice_ids, d.asked_at, p.step,
         case when (p.step).step is not null then rubis.next_relance_at(v_organization, p.step, d.due_on, d.asked_at) end
    from due as d
    join plan as p on p.relance_plan_id is not distinct from d.relance_plan_id;
end;
$$;
comment on function rubis.issue_schedule(bigint, bigint[], bigint[], date[]) is
  'For new invoices of an organization, by due date and plan: when to ask, the first step of the plan, and its moment.';
