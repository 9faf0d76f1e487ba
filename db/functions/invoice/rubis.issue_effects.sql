create or replace function rubis.issue_effects()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- What invoices bring about when they are issued, one or many in a statement, whoever wrote it: the event, the question, and
-- the reminder after it. Each row is found from its own organization alone. The last statement joins no table that grows, so
-- the plan that a session keeps for it is as good for one invoice as for a hundred thousand.
--   Called by  trigger invoice_50_effects_insert
--   Writes     activity_event, checkin_task, relance
declare
  v_organization_id bigint;
  v_now timestamptz;
begin
  -- A change of an organization's zone either sees its new invoices and moves them, or is seen below.
  for v_organization_id in select distinct i.organization_id from issued as i order by i.organization_id loop
    perform from rubis.organization as o where o.organization_id = v_organization_id for share;
  end loop;
  v_now := rubis.clock();
  with schedule as materialized (
    select o.organization_id, s.invoice_ids, s.asked_at, s.step, s.relance_at
      from (
        select i.organization_id, array_agg(i.invoice_id) as invoice_ids, array_agg(i.client_id) as client_ids,
               array_agg(i.due_on) as due_ons
          from issued as i
         group by i.organization_id
      ) as o
     cross join lateral rubis.issue_schedule(o.organization_id, o.invoice_ids, o.client_ids, o.due_ons) as s
  ),

  event as (
    insert into rubis.activity_event (organization_id, kind, invoice_id, occurred_at)
    select i.organization_id, 'invoice_created', i.invoice_id, v_now from issued as i
  ),

  question as (
    insert into rubis.checkin_task (organization_id, invoice_id, scheduled_at, next_attempt_at, created_at)
    select s.organization_id, i.invoice_id, s.asked_at, s.asked_at, v_now
      from schedule as s
     cross join unnest(s.invoice_ids) as i (invoice_id)
  )

  insert into rubis.relance (
    organization_id, invoice_id, relance_plan_id, step, days_after_due, tone, scheduled_at, next_attempt_at, created_at)
  select s.organization_id, i.invoice_id, (s.step).relance_plan_id, (s.step).step, (s.step).days_after_due, (s.step).tone,
         s.relance_at, s.relance_at, v_now
    from schedule as s
   cross join unnest(s.invoice_ids) as i (invoice_id)
   where s.relance_at is not null;
  return null;
end;
$$;
comment on function rubis.issue_effects() is
  'Trigger: the effects of invoices being issued: invoice_created, the check-in, the first relance.';
