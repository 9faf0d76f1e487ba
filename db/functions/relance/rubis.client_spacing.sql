create or replace function rubis.client_spacing(
  p_client rubis.client, p_organization rubis.organization, p_at timestamptz,
  p_but_mail_id bigint default null
)
returns rubis.verdict
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Tell whether a letter at p_at is too near another one to the same address, whatever that one was
-- about: it leaves client_spacing_days local days after the last one at the earliest, on a working
-- day at the relance time. Every letter that may have arrived counts, but not the mail
-- p_but_mail_id, which has not left. Null if nothing is too near.
--   Called by  rubis.relance_verdict
declare
  v_last_at timestamptz;
  v_free_on date;
begin
  if p_organization.client_spacing_days = 0 then
    return null;
  end if;
  select max(coalesce(a.accepted_at, a.attempted_at)) into v_last_at
    from rubis.mail as m
    join rubis.mail_attempt as a
      on a.organization_id = m.organization_id and a.mail_id = m.mail_id
   where m.organization_id = p_organization.organization_id
     and m.address_key = rubis.key(p_client.email) and m.kind = 'letter'
     and m.mail_id is distinct from p_but_mail_id
     and (a.failure_class is null or a.failure_class = 'unknown');
  v_free_on := (v_last_at at time zone p_organization.time_zone)::date
    + p_organization.client_spacing_days;
  if v_free_on > (p_at at time zone p_organization.time_zone)::date then
    return row(
      'wait', 'client_spacing', rubis.relance_at(p_organization, v_free_on, p_at),
      null)::rubis.verdict;
  end if;
  return null;
end;
$$;
comment on function rubis.client_spacing(
  rubis.client, rubis.organization, timestamptz, bigint) is
  'Why a letter is too near another one to the same address, client_spacing, and until when; null '
  'if it is not.';
