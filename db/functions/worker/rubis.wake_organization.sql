create or replace function rubis.wake_organization(p_organization_id bigint, p_at timestamptz)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Tell the ticks that an organization has something due at a moment. It only inserts, so it waits
-- for no one.
--   Called by  rubis.wake_for_user, rubis.raise_schedule_version
--   Writes     wake
  insert into rubis.wake (organization_id, at) values (p_organization_id, p_at);
$$;
comment on function rubis.wake_organization(bigint, timestamptz) is
  'An organization has something due at p_at.';
