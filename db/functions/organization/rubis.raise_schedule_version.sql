create or replace function rubis.raise_schedule_version()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Begin a new version of what questions and relances are planned by, and keep the one that is over.
-- Open invoices are planned again later, each before it is judged or shown, so this takes the same
-- time whatever their number.
--   Called by  trigger organization_40_raise_schedule_version, before update
--   Writes     past_schedule, wake
begin
  insert into rubis.past_schedule (organization_id, schedule_version, time_zone, checkin_time)
  values (old.organization_id, old.schedule_version, old.time_zone, old.checkin_time);
  new.schedule_version := old.schedule_version + 1;
  perform rubis.wake_organization(new.organization_id, rubis.clock());
  return new;
end;
$$;
comment on function rubis.raise_schedule_version() is
  'Trigger: begin a new schedule_version, and keep the settings of the one that is over.';
