create or replace function rubis.quota_left(
  p_organization rubis.organization, p_day date, p_but_mail_id bigint default null
)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Tell whether the organization may still send a relance on this local day. The quota keeps an
-- abused account from relaying spam. A mail that failed for a temporary reason or for one of ours
-- does not count, else an outage would use up the day. Nor does the attempt p_but_mail_id.
--   Called by  rubis.relance_verdict
  select count(*) < p_organization.daily_relance_quota
    from rubis.relance_mail as m
   where m.organization_id = p_organization.organization_id
     and m.relance_mail_id is distinct from p_but_mail_id
     and m.attempted_at >= p_day::timestamp at time zone p_organization.time_zone
     and (m.failure_class is null or m.failure_class in ('refused', 'unknown'));
$$;
comment on function rubis.quota_left(rubis.organization, date, bigint) is
  'Whether fewer letters may have left since that local midnight than daily_relance_quota allows.';
