create or replace function rubis.relance_after_failure(
  p_relance rubis.relance, p_mail_id bigint, p_attempt smallint, p_failure_class text
)
returns rubis.failure_outcome
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- What becomes of a relance whose letter failed. It is not tried again if the invoice was settled
-- while it was sent or has another client by now, and its fate matters no longer if it was for an
-- earlier term. A refusal counts only if the client still has the address that was refused. A
-- relance is given up by its own tries, whatever else its letters carried.
--   Called by  rubis.fail_relance
declare
  v_invoice_status rubis.invoice_status;
  v_same_client boolean;
  v_same_address boolean;
  v_counts boolean;
begin
  select i.status, rubis.is_same_client(i.organization_id, p_relance.client_id, i.client_id),
         coalesce(rubis.key(c.email) = rubis.key(a.to_address), false),
         rubis.relance_counts(i, p_relance.client_id, a.attempted_at)
    into v_invoice_status, v_same_client, v_same_address, v_counts
    from rubis.mail_attempt as a
    join rubis.invoice as i
      on i.organization_id = a.organization_id and i.invoice_id = p_relance.invoice_id
    join rubis.client as c
      on c.organization_id = i.organization_id
     and c.client_id = rubis.live_client_id(i.organization_id, i.client_id)
   where a.organization_id = p_relance.organization_id and a.mail_id = p_mail_id
     and a.attempt = p_attempt;
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
    and rubis.tries_are_over(p_relance.organization_id, null, p_relance.relance_id) then
    return row('failed', null, 'relance_failed')::rubis.failure_outcome;
  end if;
  return row('scheduled', null, null)::rubis.failure_outcome;
end;
$$;
comment on function rubis.relance_after_failure(rubis.relance, bigint, smallint, text) is
  'The status, cancel_reason and event that follow the failure '
  'of a letter: scheduled, failed, cancelled or unconfirmed.';
