-- The same rows, written set by set by somebody who knows them all: constraints and foreign keys
-- are checked, no trigger of ours runs, and what is the same for many rows is computed once. What
-- the triggers are compared with.

create temp table issued on commit drop as
with written as (
  insert into rubis.invoice (organization_id, client_id, user_id, number, issued_on, due_on,
    amount_cents, schedule_version)
  select o.id, (o.id - 1) * %(clients)s + 1 + (i / %(organizations)s) %% %(clients)s, o.id,
         'N-' || i,
         current_date, current_date + 1 + i %% 30, 10000 + i, v.schedule_version
    from generate_series(1, %(count)s) as i
   cross join lateral (select 1 + (i - 1) %% %(organizations)s) as o (id)
    join rubis.organization as v on v.organization_id = o.id
  returning organization_id, invoice_id, client_id, due_on
), day as (
  select d.due_on, rubis.next_working_day('FR', d.due_on + 3) as reminded_on
    from (select distinct w.due_on from written as w) as d
)
select w.organization_id, w.invoice_id, w.client_id, w.due_on,
       (w.due_on + o.checkin_time) at time zone o.time_zone as asked_at,
       (d.reminded_on + o.relance_time) at time zone o.time_zone as reminded_at
  from written as w
  join day as d on d.due_on = w.due_on
  join rubis.organization as o on o.organization_id = w.organization_id;

insert into rubis.activity_event (organization_id, kind, invoice_id)
select i.organization_id, 'invoice_created', i.invoice_id from issued as i;

insert into rubis.checkin_task (organization_id, invoice_id, scheduled_at)
select i.organization_id, i.invoice_id, i.asked_at from issued as i;

insert into rubis.relance (
  organization_id, invoice_id, client_id, due_on, relance_plan_id, step, days_after_due, tone,
    scheduled_at, next_look_at)
select i.organization_id, i.invoice_id, i.client_id, i.due_on, p.relance_plan_id, s.step,
       s.days_after_due, s.tone,
       i.reminded_at, i.reminded_at
  from issued as i
  join rubis.relance_plan as p on p.organization_id = i.organization_id and p.is_default
  join rubis.relance_plan_step as s
    on s.organization_id = p.organization_id and s.relance_plan_id = p.relance_plan_id
      and s.step = 1;

insert into rubis.wake (organization_id, at)
select i.organization_id, min(i.asked_at) from issued as i group by i.organization_id
 union all
select i.organization_id, min(i.reminded_at) from issued as i group by i.organization_id;
