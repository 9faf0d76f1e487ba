create or replace function rubis.relance_spacing(
  p_invoice rubis.invoice, p_organization rubis.organization, p_at timestamptz,
  p_but_mail_id bigint default null
)
returns rubis.verdict
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Tell whether a letter at p_at is too near another one to the same client about this invoice:
-- within 24 h, or within the days that a formal notice gave. Every letter that may have reached the
-- client counts, also an unconfirmed one, but not the mail p_but_mail_id, which has not left. A
-- formal notice that is sent again does not wait for itself. Null if nothing is too near.
--   Called by  rubis.relance_verdict
declare
  v_last_at timestamptz;
  v_notice_at timestamptz;
  v_free_on date;
begin
  select max(coalesce(a.accepted_at, a.attempted_at)),
         max(coalesce(a.accepted_at, a.attempted_at)) filter (
           where r.tone = 'formal_notice' and r.status in ('sent', 'failed', 'cancelled'))
    into v_last_at, v_notice_at
    from rubis.mail_item as x
    join rubis.mail_attempt as a
      on a.organization_id = x.organization_id and a.mail_id = x.mail_id and a.attempt = x.attempt
    join rubis.relance as r on r.organization_id = x.organization_id and r.relance_id = x.relance_id
   where x.organization_id = p_invoice.organization_id and x.invoice_id = p_invoice.invoice_id
     and x.withdrawn_at is null and x.mail_id is distinct from p_but_mail_id
     and (a.failure_class is null or a.failure_class = 'unknown')
     and rubis.is_same_client(x.organization_id, r.client_id, p_invoice.client_id);
  v_free_on := (v_notice_at at time zone p_organization.time_zone)::date + rubis.notice_days() + 1;
  if v_free_on > (p_at at time zone p_organization.time_zone)::date then
    return row(
      'wait', 'notice_running', rubis.relance_at(p_organization, v_free_on, p_at),
      null)::rubis.verdict;
  elsif v_last_at + interval '24 hours' > p_at then
    return row('wait', 'too_soon', v_last_at + interval '24 hours', null)::rubis.verdict;
  end if;
  return null;
end;
$$;
comment on function rubis.relance_spacing(
  rubis.invoice, rubis.organization, timestamptz, bigint) is
  'Why a letter is too near another one to the same client, too_soon or notice_running, and until '
  'when; null if it is not.';
