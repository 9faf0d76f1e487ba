create or replace function rubis.wake_for_user()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- A user has proven the address, or has a new one: the next tick lets go what waited for it.
--   Called by  trigger app_user_60_wake
--   Writes     wake
begin
  perform rubis.wake_organization(new.organization_id, rubis.clock());
  return null;
end;
$$;
comment on function rubis.wake_for_user() is
  'Trigger: tell the ticks that what waited for a proven address may go.';
