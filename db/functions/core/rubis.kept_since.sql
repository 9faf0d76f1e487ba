create or replace function rubis.kept_since(p_kept_days int)
returns timestamptz
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Tell from when on details are kept, and check the number of days: a month at least, so that each
-- link of a question or a receipt, which works for two weeks, is answered.
--   Called by  worker.prune_tries, worker.prune_notices, worker.prune_clicks
--   Raises     RB422
begin
  if p_kept_days is null or p_kept_days not between 30 and 3650 then
    raise exception using errcode = 'RB422', constraint = 'kept_days__range',
      column = 'kept_days', message = 'kept_days must be between 30 and 3650';
  end if;
  return rubis.clock() - p_kept_days * interval '1 day';
end;
$$;
comment on function rubis.kept_since(int) is
  'From when on details are kept: 30 to 3,650 days ago. RB422.';
