create or replace function rubis.check_time_zone()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Accept only names of the tz database: PostgreSQL would also accept invented POSIX zones such as
-- FOO+3.
--   Called by  trigger organization_10_check_time_zone
--   Raises     RB422
begin
  -- The list is read from files: only for a new zone.
  if new.time_zone is distinct from old.time_zone
    and not exists (select from pg_catalog.pg_timezone_names as z where z.name = new.time_zone) then
    raise exception using errcode = 'RB422', constraint = 'organization__time_zone',
      column = 'time_zone',
      message = format('%s is not a time zone', new.time_zone),
      hint = 'use a name such as Europe/Paris';
  end if;
  return new;
end;
$$;
comment on function rubis.check_time_zone() is
  'Trigger: time_zone is a name in pg_timezone_names. RB422.';
