create or replace function rubis.relance_verdict(
  p_organization_id bigint, p_invoice_id bigint, p_at timestamptz,
  p_asked_at timestamptz default null, p_but_mail_id bigint default null
)
returns rubis.verdict
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Tell whether a relance of this invoice may leave at p_at: leave; wait, until a known moment; or
-- hold, until someone acts. The preview, the tick and the sending all ask this function. The first
-- reason that applies is given; the owner's word is the last one, so a letter that cannot leave
-- anyway asks nothing. p_asked_at: assume that the owner is asked then, to look ahead.
-- p_but_mail_id: a mail whose latest attempt has not left and counts for nothing.
--   Called by  rubis.relance_outlook, rubis.judge_relance, rubis.withdraw_relances,
--              audit.rule_held_relance_waits
declare
  v_invoice rubis.invoice;
  v_client rubis.client;
  v_organization rubis.organization;
  v_day date;
  v_today date;
  v_paused_until date;
  v_spacing rubis.verdict;
  v_free_at timestamptz;
begin
  select i.* into strict v_invoice from rubis.invoice as i
   where i.organization_id = p_organization_id and i.invoice_id = p_invoice_id;
  v_client := rubis.reminded_client(p_organization_id, v_invoice.client_id);
  select o.* into strict v_organization from rubis.organization as o
   where o.organization_id = p_organization_id;
  v_day := (p_at at time zone v_organization.time_zone)::date;
  v_today := (rubis.clock() at time zone v_organization.time_zone)::date;
  if v_invoice.status <> 'open' then
    return row('hold', 'invoice_' || v_invoice.status, null, null)::rubis.verdict;
  elsif v_invoice.relances_off or v_client.relances_off then
    return row(
      'hold', case when v_invoice.relances_off then 'invoice_excluded' else 'client_excluded' end,
      null, null)::rubis.verdict;
  elsif v_client.email is null then
    return row('hold', 'no_address', null, null)::rubis.verdict;
  elsif rubis.said_paid(v_invoice) then
    return row('hold', 'owner_said_paid', null, null)::rubis.verdict;
  elsif exists (
    select from rubis.app_user as u
     where u.organization_id = p_organization_id and u.user_id = v_invoice.user_id
       and u.email_proven_at is null
  ) then
    return row('hold', 'address_unproven', null, null)::rubis.verdict;
  end if;
  v_paused_until := greatest(v_invoice.paused_until, v_client.paused_until);
  if v_paused_until = 'infinity' then
    return row('hold', 'paused', null, null)::rubis.verdict;
  elsif v_paused_until >= v_day then
    return row(
      'wait', 'paused', rubis.relance_at(v_organization, v_paused_until + 1, p_at),
      null)::rubis.verdict;
  end if;
  v_spacing := rubis.relance_spacing(v_invoice, v_organization, p_at, p_but_mail_id);
  if v_spacing.verdict is null then
    v_spacing := rubis.client_spacing(v_client, v_organization, p_at, p_but_mail_id);
  end if;
  v_free_at := rubis.quota_free_at(v_organization, p_at, p_but_mail_id);
  if v_spacing.verdict is not null then
    return v_spacing;
  elsif v_free_at > p_at then
    return row('wait', 'quota', v_free_at, null)::rubis.verdict;
  -- A future year need not be known yet: its holidays are added before it begins.
  elsif v_day <= v_today and rubis.holidays_known(v_organization.calendar, v_day) = 'awaited' then
    return row('wait', 'calendar_unknown', p_at + interval '10 minutes', null)::rubis.verdict;
  elsif not rubis.is_working_day(v_organization.calendar, v_day) then
    return row(
      'wait', 'day_off', rubis.relance_at(v_organization, v_day, p_at), null)::rubis.verdict;
  end if;
  return rubis.relance_gate(v_invoice, v_client, v_organization, p_at, p_asked_at);
end;
$$;
comment on function rubis.relance_verdict(bigint, bigint, timestamptz, timestamptz, bigint) is
  'Whether a relance of an invoice may leave at p_at: leave, wait (until) or hold, and the reason; '
  'asks_at if the owner must be asked again before.';
