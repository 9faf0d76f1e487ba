create or replace function rubis.clock()
returns timestamptz
language plpgsql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
-- The one source of "now": tests replace this function to move time. It reads no setting. It is
-- plpgsql because a function in sql starts an executor at each call, and one click asks for the
-- time seven times.
--   Called by  every function that needs the time, and the defaults of columns
begin
  return pg_catalog.clock_timestamp();
end;
$$;
comment on function rubis.clock() is
  'Now. Stable, so that one statement may use it on an '
  'index; moves on between the statements of a transaction.';
