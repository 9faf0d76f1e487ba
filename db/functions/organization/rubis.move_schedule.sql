create or replace function rubis.move_schedule()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Move the check-ins and relances that are scheduled and not yet due, after a change of zone, time
-- of day or calendar, or of how long a question is valid. A question that was scheduled for another
-- moment than the due date's stays.
--   Called by  trigger organization_50_move_schedule
--   Writes     checkin_task, relance
declare
  v_invoice_ids bigint[] := rubis.hold_planning(new.organization_id);
begin
  with moved as (
    select t.checkin_task_id, rubis.checkin_at(i.due_on, new.checkin_time, new.time_zone) as at
      from rubis.checkin_task as t
      join rubis.invoice as i
        on i.organization_id = t.organization_id and i.invoice_id = t.invoice_id
     where t.organization_id = new.organization_id and t.status = 'scheduled' and t.attempts = 0
       and t.invoice_id = any (v_invoice_ids)
       and t.scheduled_at > rubis.clock()
       and t.scheduled_at = (i.due_on + old.checkin_time) at time zone old.time_zone
  )
  update rubis.checkin_task as t
     set scheduled_at = m.at, next_attempt_at = m.at
    from moved as m
   where t.organization_id = new.organization_id and t.checkin_task_id = m.checkin_task_id
     and t.status = 'scheduled';
  perform rubis.replan_relances(new.organization_id, v_invoice_ids, p_due_too => false);
  return null;
end;
$$;
comment on function rubis.move_schedule() is
  'Trigger: move scheduled check-ins and relances to the organization''s new zone, time of day or '
  'calendar.';
