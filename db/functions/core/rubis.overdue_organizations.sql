create or replace function rubis.overdue_organizations(p_at timestamptz, p_limit int)
returns setof bigint
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Find the organizations that had something to do by a moment, or whose last tick failed. What is
-- due is counted in these alone, so that no count reads the due rows of all.
--   Called by  api.readiness, rubis.count_work, rubis.note_tick_outage
  (select a.organization_id from rubis.agenda as a
    where a.next_due_at <= p_at order by a.next_due_at limit p_limit)
  union
  (select w.organization_id from rubis.wake as w where w.at <= p_at limit p_limit)
  union
  (select a.organization_id from rubis.agenda as a where a.failures > 0 limit p_limit);
$$;
comment on function rubis.overdue_organizations(timestamptz, int) is
  'The organizations with something due by p_at or with a tick that failed; of each sort at most '
  'p_limit, all if it is null.';
