create or replace function rubis.checkin_effects()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Release the relance that waited until the owner was asked. A question asked before the due date
-- does not replace the one of that day, which is scheduled.
--   Called by  trigger checkin_task_50_effects, when answered pending or expired
--   Writes     checkin_task, relance
begin
  if old.status = new.status then
    return null;
  end if;
  perform rubis.share_planning(new.organization_id, new.invoice_id);
  if exists (
    select from rubis.invoice as i
      join rubis.organization as o on o.organization_id = i.organization_id
     where i.organization_id = new.organization_id and i.invoice_id = new.invoice_id
       and i.status = 'open'
       and i.due_on > (rubis.clock() at time zone o.time_zone)::date
  ) then
    perform rubis.schedule_checkin(
      new.organization_id, new.invoice_id, 'asked on the due date',
      p_follows => new.checkin_task_id);
  end if;
  perform rubis.release_relance(new.organization_id, new.invoice_id);
  return null;
end;
$$;
comment on function rubis.checkin_effects() is
  'Trigger: a check-in answered pending or expired releases a held relance; before the due date it '
  'schedules the question of that day.';
