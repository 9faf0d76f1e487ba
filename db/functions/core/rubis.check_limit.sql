create or replace function rubis.check_limit(p_limit int)
returns int
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
-- How many items a page holds.
--   Called by  the api.list_* functions
--   Raises     RB422
begin
  if p_limit is null or p_limit not between 1 and 100 then
    raise exception using errcode = 'RB422', constraint = 'limit__range', column = 'limit',
      message = 'limit must be between 1 and 100';
  end if;
  return p_limit;
end;
$$;
comment on function rubis.check_limit(int) is 'The page size if it is between 1 and 100. RB422.';
