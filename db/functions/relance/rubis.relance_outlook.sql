create or replace function rubis.relance_outlook(
  p_relance rubis.relance, p_not_before timestamptz default null,
  p_asked_at timestamptz default null,
  out leaves_at timestamptz, out reason text, out asks_at timestamptz
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Tell when the relance ahead may leave by itself if nothing changes, and why it waits or is held.
-- The function asks for the verdict again at each moment that a verdict names; after a failed
-- attempt, not before the next attempt; never before p_not_before. asks_at: when the owner is asked
-- again before it leaves; p_asked_at: assume that this happens then. One that is
-- to be planned again after a change of settings or plan has no moment yet. In which letter it
-- leaves is told by rubis.letter_ahead.
--   Called by  rubis.letter_ahead, rubis.relances_beside, rubis.release_relance,
--              rubis.coming_letters,
--              audit.relance_verdict, audit.stuck_relances
declare
  v_at timestamptz := greatest(
    p_relance.scheduled_at, p_relance.next_look_at, p_not_before,
    rubis.clock() + interval '1 second');
  v_verdict rubis.verdict;
begin
  if p_relance.status = 'unconfirmed' then
    reason := 'unconfirmed';
    return;
  elsif p_relance.status = 'sending' then
    leaves_at := rubis.clock();
    return;
  elsif rubis.is_outdated(p_relance.organization_id, p_relance.invoice_id) then
    reason := 'plan_changed';
    return;
  end if;
  asks_at := p_asked_at;
  for v_turn in 1 .. 30 loop
    v_verdict := rubis.relance_verdict(
      p_relance.organization_id, p_relance.invoice_id, v_at, asks_at);
    -- A question that was foreseen puts nothing off.
    reason := coalesce(
      case when v_verdict.verdict = 'hold' then v_verdict.reason end, reason,
      case when v_verdict.asks_at is null or v_verdict.until > v_at then v_verdict.reason end);
    exit when v_verdict.verdict <> 'wait';
    asks_at := coalesce(v_verdict.asks_at, asks_at);
    v_at := v_verdict.until;
  end loop;
  if v_verdict.verdict <> 'leave' then
    asks_at := null;
  else
    leaves_at := greatest(v_at, p_relance.next_look_at);
    reason := coalesce(reason, p_relance.hold_reason);
  end if;
end;
$$;
comment on function rubis.relance_outlook(rubis.relance, timestamptz, timestamptz) is
  'When the relance ahead may leave by itself (null: held), the reason it waits or is '
  'held (null: it leaves as planned), and when the owner is asked again before it.';
