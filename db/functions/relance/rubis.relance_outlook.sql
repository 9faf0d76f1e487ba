create or replace function rubis.relance_outlook(
  p_relance rubis.relance, out leaves_at timestamptz, out reason text
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Tell when the relance ahead leaves if nothing changes, and why it waits or is held. The function
-- asks for the verdict again at each moment that a verdict names; after a failed attempt, not
-- before the next attempt.
--   Called by  rubis.relances_document, rubis.relance_forecast, audit.relance_verdict
declare
  v_at timestamptz := greatest(
    p_relance.scheduled_at, p_relance.next_attempt_at, rubis.clock() + interval '1 second');
  v_verdict rubis.verdict;
begin
  if p_relance.status = 'unconfirmed' then
    reason := 'unconfirmed';
    return;
  elsif p_relance.status = 'sending' then
    leaves_at := rubis.clock();
    return;
  end if;
  for v_turn in 1 .. 30 loop
    v_verdict := rubis.relance_verdict(p_relance.organization_id, p_relance.invoice_id, v_at);
    reason := coalesce(
      case when v_verdict.verdict = 'hold' then v_verdict.reason end, reason, v_verdict.reason);
    exit when v_verdict.verdict <> 'wait';
    v_at := v_verdict.until;
  end loop;
  if v_verdict.verdict = 'leave' then
    leaves_at := greatest(v_at, p_relance.next_attempt_at);
    reason := coalesce(reason, p_relance.hold_reason);
  end if;
end;
$$;
comment on function rubis.relance_outlook(rubis.relance) is
  'When the relance ahead will leave (null: held), and the reason it waits or is held (null: it '
  'leaves as planned).';
