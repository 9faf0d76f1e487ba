create or replace function rubis.relance_after_failure(
  p_relance rubis.relance, p_relance_mail_id bigint, p_failure_class text
)
returns rubis.failure_outcome
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- What becomes of a relance whose letter failed. It is not tried again if the invoice was settled
-- while it was sent or has another client by now, and its fate matters no longer if it was for an
-- earlier term. A refusal counts only if the client still has the address that was refused.
--   Called by  rubis.fail_relance
declare
  v_invoice_status rubis.invoice_status;
  v_same_client boolean;
  v_same_address boolean;
  v_counts boolean;
begin
  select i.status, rubis.is_same_client(i.organization_id, p_relance.client_id, i.client_id),
         coalesce(rubis.key(c.email) = rubis.key(m.to_address), false),
         rubis.relance_counts(i, p_relance.client_id, m.attempted_at)
    into v_invoice_status, v_same_client, v_same_address, v_counts
    from rubis.relance_mail as m
    join rubis.invoice as i on i.organization_id = m.organization_id and i.invoice_id = m.invoice_id
    join rubis.client as c
      on c.organization_id = i.organization_id
     and c.client_id = rubis.live_client_id(i.organization_id, i.client_id)
   where m.organization_id = p_relance.organization_id and m.relance_mail_id = p_relance_mail_id;
  if p_failure_class = 'refused' and v_same_address then
    return row('cancelled', 'address refused', 'relance_refused')::rubis.failure_outcome;
  elsif v_invoice_status <> 'open' then
    return row('cancelled', 'invoice ' || v_invoice_status,
      case p_failure_class when 'unknown' then 'relance_unconfirmed' end)::rubis.failure_outcome;
  elsif not v_same_client or (p_failure_class = 'unknown' and not v_counts) then
    return row('cancelled', 'another client or a new term',
      case p_failure_class when 'unknown' then 'relance_unconfirmed' end)::rubis.failure_outcome;
  elsif p_failure_class = 'unknown' then
    return row('unconfirmed', null, 'relance_unconfirmed')::rubis.failure_outcome;
  elsif p_failure_class = 'temporary'
    and rubis.retries_are_over(p_relance.attempts, p_relance.first_attempt_at) then
    return row('failed', null, 'relance_failed')::rubis.failure_outcome;
  end if;
  return row('scheduled', null, null)::rubis.failure_outcome;
end;
$$;
comment on function rubis.relance_after_failure(rubis.relance, bigint, text) is
  'The status, cancel_reason and event that follow the failure '
  'of a letter: scheduled, failed, cancelled or unconfirmed.';
