create or replace function rubis.issue_effects()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- What invoices bring about when they are issued, one or many in a statement, whoever wrote it: the event, the question, and
-- the reminder after it. One organization after the other, in key order, so that each statement stays within one; a moment
-- is found once for its invoices that fall due on one day. Nothing is read back: a new invoice has no check-in or relance.
--   Called by  trigger invoice_50_effects_insert
--   Writes     activity_event, checkin_task, relance
declare
  v_organization_id bigint;
  v_invoice_ids bigint[];
  v_client_ids bigint[];
  v_due_ons date[];
  v_organization rubis.organization;
  v_now timestamptz;
begin
  for v_organization_id, v_invoice_ids, v_client_ids, v_due_ons in
    select i.organization_id, array_agg(i.invoice_id order by i.invoice_id), array_agg(i.client_id order by i.invoice_id),
           array_agg(i.due_on order by i.invoice_id)
      from issued as i
     group by i.organization_id order by i.organization_id
  loop
    -- A change of the organization's zone either sees these invoices and moves them, or is seen here.
    select o.* into strict v_organization from rubis.organization as o
     where o.organization_id = v_organization_id
       for share;
    v_now := rubis.clock();
    insert into rubis.activity_event (organization_id, kind, invoice_id, occurred_at)
    select v_organization_id, 'invoice_created', i.invoice_id, v_now from unnest(v_invoice_ids) as i (invoice_id);
    with due as materialized (
      select d.invoice_ids, d.relance_plan_id, d.due_on,
             rubis.checkin_at(d.due_on, v_organization.checkin_time, v_organization.time_zone) as asked_at
        from (
          select c.relance_plan_id, i.due_on, array_agg(i.invoice_id) as invoice_ids
            from unnest(v_invoice_ids, v_client_ids, v_due_ons) as i (invoice_id, client_id, due_on)
            join rubis.client as c on c.organization_id = v_organization_id and c.client_id = i.client_id
           group by c.relance_plan_id, i.due_on
        ) as d
    ),

    question as (
      insert into rubis.checkin_task (organization_id, invoice_id, scheduled_at, next_attempt_at, created_at)
      select v_organization_id, i.invoice_id, d.asked_at, d.asked_at, v_now
        from due as d
       cross join unnest(d.invoice_ids) as i (invoice_id)
    ),

    plan as materialized (
      select p.relance_plan_id, rubis.next_relance_step(v_organization_id, p.relance_plan_id, 0::smallint) as first
        from (select distinct d.relance_plan_id from due as d) as p
    )

    insert into rubis.relance (
      organization_id, invoice_id, relance_plan_id, step, days_after_due, tone, scheduled_at, next_attempt_at, created_at)
    select v_organization_id, i.invoice_id, (p.first).relance_plan_id, (p.first).step, (p.first).days_after_due,
           (p.first).tone, m.at, m.at, v_now
      from due as d
      join plan as p on p.relance_plan_id is not distinct from d.relance_plan_id and (p.first).step is not null
     cross join lateral rubis.next_relance_at(v_organization, p.first, d.due_on, d.asked_at) as m (at)
     cross join unnest(d.invoice_ids) as i (invoice_id);
  end loop;
  return null;
end;
$$;
comment on function rubis.issue_effects() is
  'Trigger: the effects of invoices being issued: invoice_created, the check-in, the first relance.';
