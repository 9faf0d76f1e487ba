create or replace function rubis.issue_effects()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Write the effects of new invoices, one or many in a statement: the event, the check-in and the
-- first relance, but a sample has none. Invoices of one organization with the same plan and due
-- date share one computation of their moments. No statement joins a table that grows, so one query
-- plan serves all sizes.
--   Called by  trigger invoice_50_effects_insert
--   Writes     activity_event, checkin_task, relance
declare
  v_now timestamptz;
  v_invoice record;
  v_organization rubis.organization;
  v_relance_plan_id bigint;
  v_step rubis.relance_plan_step;
  v_due_on date;
  v_asked_at timestamptz;
  v_organization_ids bigint[];
  v_invoice_ids bigint[];
  v_client_ids bigint[];
  v_asked_ats timestamptz[];
  v_ahead rubis.relance;
  v_aheads rubis.relance[];
begin
  -- A change of a client waits for it, or was made before and is read below.
  perform from rubis.planning
    where planning.organization_id = any (array(select i.organization_id from issued as i))
    order by planning.organization_id for share of planning;
  v_now := rubis.clock();
  insert into rubis.activity_event (organization_id, kind, invoice_id, occurred_at)
  select i.organization_id, 'invoice_created', i.invoice_id, v_now from issued as i;
  for v_invoice in
    select i.organization_id, i.invoice_id, i.client_id, i.due_on, i.is_sample, (
             select c.relance_plan_id from rubis.client as c
              where c.organization_id = i.organization_id and c.client_id = (
                  select coalesce(m.merged_into_client_id, m.client_id) from rubis.client as m
                   where m.organization_id = i.organization_id
                     and m.client_id = i.client_id)) as relance_plan_id
      from issued as i
     order by i.organization_id, relance_plan_id, i.due_on
  loop
    if v_invoice.organization_id is distinct from v_organization.organization_id then
      select o.* into strict v_organization from rubis.organization as o
       where o.organization_id = v_invoice.organization_id;
      v_step := null;
    end if;
    if v_step.step is null or v_invoice.relance_plan_id is distinct from v_relance_plan_id then
      v_relance_plan_id := v_invoice.relance_plan_id;
      v_step := rubis.next_relance_step(
        v_organization.organization_id, v_relance_plan_id, 0::smallint);
      v_due_on := null;
    end if;
    if v_invoice.due_on is distinct from v_due_on then
      v_due_on := v_invoice.due_on;
      v_asked_at := rubis.checkin_at(
        v_due_on, v_organization.checkin_time, v_organization.time_zone);
      v_ahead := rubis.first_relance(v_organization, v_step, v_due_on, v_asked_at);
    end if;
    v_organization_ids := v_organization_ids || v_invoice.organization_id;
    v_invoice_ids := v_invoice_ids || v_invoice.invoice_id;
    v_client_ids := v_client_ids || v_invoice.client_id;
    v_asked_ats := v_asked_ats || v_asked_at;
    v_aheads := array_append(
      v_aheads, case when not v_invoice.is_sample then v_ahead end);
  end loop;
  insert into rubis.checkin_task (
    organization_id, invoice_id, scheduled_at, created_at)
  select i.organization_id, i.invoice_id, i.asked_at, v_now
    from unnest(v_organization_ids, v_invoice_ids, v_asked_ats)
      as i (organization_id, invoice_id, asked_at);
  insert into rubis.relance (
    organization_id, invoice_id, client_id, due_on, relance_plan_id, step, days_after_due, tone,
    scheduled_at, next_look_at, created_at)
  select i.organization_id, i.invoice_id, i.client_id, (i.ahead).due_on, (i.ahead).relance_plan_id,
         (i.ahead).step, (i.ahead).days_after_due, (i.ahead).tone, (i.ahead).scheduled_at,
         (i.ahead).next_look_at, v_now
    from (
      select unnest(v_organization_ids) as organization_id, unnest(v_invoice_ids) as invoice_id,
             unnest(v_client_ids) as client_id, unnest(v_aheads) as ahead) as i
   where (i.ahead).step is not null;
  return null;
end;
$$;
comment on function rubis.issue_effects() is
  'Trigger: the effects of new invoices: invoice_created, the check-in, the first relance.';
