create or replace function rubis.count_failing_organizations(p_limit int)
returns int
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Count the organizations whose last tick failed, up to a limit.
--   Called by  api.readiness, api.measure_flow
  select count(*)::int from (
    select from rubis.agenda as a where a.failures > 0 limit p_limit) as counted;
$$;
comment on function rubis.count_failing_organizations(int) is
  'How many organizations, up to p_limit, have a tick that failed and was not done since.';
