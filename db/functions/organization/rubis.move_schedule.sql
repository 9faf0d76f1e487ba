create or replace function rubis.move_schedule()
returns trigger
language plpgsql volatile
set search_path = ''
as $$
-- A changed zone or time of day moves what is scheduled and not yet due. Locks in the one order: invoices, check-ins,
-- relances, each in key order.
--   Called by  trigger organization_50_move_schedule
--   Writes     checkin_task, relance
begin
  perform from rubis.invoice as i
   where i.organization_id = new.organization_id and i.status = 'open'
   order by i.invoice_id
     for no key update;
  with moved as (
    select t.checkin_task_id, rubis.checkin_at(i.due_on, new.checkin_time, new.time_zone) as at
      from rubis.checkin_task as t
      join rubis.invoice as i on i.organization_id = t.organization_id and i.invoice_id = t.invoice_id
     where t.organization_id = new.organization_id and t.status = 'scheduled' and t.attempts = 0
       and t.scheduled_at > rubis.clock()
  )
  update rubis.checkin_task as t
     set scheduled_at = m.at, next_attempt_at = m.at
    from moved as m
   where t.organization_id = new.organization_id and t.checkin_task_id = m.checkin_task_id and t.status = 'scheduled';
  with moved as (
    select r.relance_id, rubis.relance_at(
      i.due_on, s.days_after_due, new.relance_time, new.time_zone, asked.at + interval '24 hours') as at
      from rubis.relance as r
      join rubis.invoice as i on i.organization_id = r.organization_id and i.invoice_id = r.invoice_id
      join rubis.relance_plan_step as s
        on s.organization_id = r.organization_id and s.relance_plan_id = r.relance_plan_id and s.step = r.step
     cross join lateral (
       select t.scheduled_at as at from rubis.checkin_task as t
        where t.organization_id = r.organization_id and t.invoice_id = r.invoice_id
        order by t.checkin_task_id desc limit 1) as asked
     where r.organization_id = new.organization_id and r.status in ('scheduled', 'held')
       and r.scheduled_at > rubis.clock()
  )
  update rubis.relance as r
     set scheduled_at = m.at, next_attempt_at = case r.status when 'scheduled' then m.at end
    from moved as m
   where r.organization_id = new.organization_id and r.relance_id = m.relance_id and r.status in ('scheduled', 'held');
  return null;
end;
$$;
comment on function rubis.move_schedule() is
  'Trigger: move scheduled check-ins and relances to the organization''s new zone or time of day.';
