create or replace function rubis.quota_free_at(
  p_organization rubis.organization, p_at timestamptz, p_but_mail_id bigint default null
)
returns timestamptz
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Compute when the organization may send one more letter: at p_at, unless daily_relance_quota
-- letters may have left in the 24 h before. The quota keeps an abused account from relaying spam,
-- so no change of zone or time gives more. Then a letter waits until the oldest of these is 24 h
-- old, and for the relance time; one that becomes free within an hour after that time leaves at
-- once, else each day's letters would wait for the day after the next. A letter that failed for a
-- temporary reason or for one of ours does not count, else an outage would use up the day. Nor does
-- the mail p_but_mail_id.
--   Called by  rubis.relance_verdict
declare
  v_free_at timestamptz;
  v_from timestamptz;
begin
  if p_organization.daily_relance_quota = 0 then
    v_free_at := p_at + interval '24 hours';
  else
    select a.attempted_at + interval '24 hours' into v_free_at
      from rubis.mail_attempt as a
      join rubis.mail as m on m.organization_id = a.organization_id and m.mail_id = a.mail_id
     where a.organization_id = p_organization.organization_id
       and a.attempted_at > p_at - interval '24 hours'
       and m.kind = 'letter' and m.mail_id is distinct from p_but_mail_id
       and (a.failure_class is null or a.failure_class in ('refused', 'unknown'))
     order by a.attempted_at desc
    offset p_organization.daily_relance_quota - 1 limit 1;
    if v_free_at is null then
      return p_at;
    end if;
  end if;
  v_from := v_free_at - interval '1 hour';
  return greatest(v_free_at, rubis.relance_at(
    p_organization, (v_from at time zone p_organization.time_zone)::date, v_from));
end;
$$;
comment on function rubis.quota_free_at(rubis.organization, timestamptz, bigint) is
  'p_at, or when the quota allows a letter next: at most daily_relance_quota letters may leave '
  'within any 24 h.';
