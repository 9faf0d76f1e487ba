create or replace function rubis.clock()
returns timestamptz
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
-- The one source of "now": tests replace this function to move time. Reads no setting.
--   Called by  every function that needs the time, and the defaults of columns
  select pg_catalog.clock_timestamp();
$$;
comment on function rubis.clock() is
  'Now. Stable, so that one statement may use it on an index; moves on between the statements of a transaction.';
