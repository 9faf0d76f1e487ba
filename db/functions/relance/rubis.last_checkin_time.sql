create or replace function rubis.last_checkin_time(
  p_organization rubis.organization, p_not_after timestamptz
)
returns timestamptz
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Find the last moment up to p_not_after at which the organization's clocks show the check-in time.
--   Called by  rubis.asking_at
  select max(d.at)
    from (
      select ((p_not_after at time zone p_organization.time_zone)::date - g.days
               + p_organization.checkin_time) at time zone p_organization.time_zone as at
        from generate_series(0, 1) as g (days)) as d
   where d.at <= p_not_after;
$$;
comment on function rubis.last_checkin_time(rubis.organization, timestamptz) is
  'The organization''s last check-in time that is not after a moment.';
