create or replace function worker.prune_rate_limits(
  p_limit int default 10000, p_kept int default 100000
)
returns int
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Delete at most p_limit rows of rate_limit: those whose attempts are forgotten and, while more
-- than p_kept rows are left, those that would be forgotten first.
--   Called by  worker/chores.py
--   Writes     rate_limit
declare
  v_above bigint := (
    select greatest(count(*) - p_kept, 0) from rubis.rate_limit);
  v_until timestamptz := greatest(rubis.clock(), (
    select max(a.free_at)
      from (select l.free_at from rubis.rate_limit as l order by l.free_at limit v_above) as a));
  v_deleted int;
begin
  with chosen as materialized (
    select l.key from rubis.rate_limit as l
     where l.free_at <= v_until
     order by l.free_at limit p_limit
       for update skip locked
  )
  delete from rubis.rate_limit as l using chosen as c where l.key = c.key;
  get diagnostics v_deleted = row_count;
  return v_deleted;
end;
$$;
comment on function worker.prune_rate_limits(int, int) is
  'Delete at most p_limit rows of rate_limit that are over, or more than p_kept. Returns how many.';
