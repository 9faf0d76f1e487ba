create or replace function rubis.asking_at(
  p_organization rubis.organization, p_letter_at timestamptz, p_after timestamptz,
  out asks_at timestamptz, out letter_at timestamptz
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Compute when the owner is asked again before a letter: at the last check-in time at least 24 h
-- before it, never before p_after. If that time is past, at once while the letter is still some
-- 24 h away. If p_after is little later, because a question of a day before was mailed a moment
-- after its time, then at p_after. Else at the next check-in time, and the letter waits for it.
--   Called by  rubis.relance_gate, rubis.first_look
declare
  v_zone text := p_organization.time_zone;
  v_now timestamptz := rubis.clock();
  v_after timestamptz := greatest(v_now, p_after);
  v_last_at timestamptz := rubis.last_checkin_time(
    p_organization, p_letter_at - interval '24 hours');
  v_next_at timestamptz;
begin
  letter_at := p_letter_at;
  if v_last_at >= v_after then
    asks_at := v_last_at;
  elsif v_after <= p_letter_at - interval '23 hours'
    and (v_after = v_now or v_after <= v_last_at + interval '1 hour') then
    asks_at := v_after;
  else
    v_next_at := rubis.last_checkin_time(p_organization, v_after + interval '24 hours');
    letter_at := greatest(p_letter_at, rubis.relance_at(
      p_organization, (p_letter_at at time zone v_zone)::date, v_next_at + interval '24 hours'));
    asks_at := greatest(
      v_next_at, rubis.last_checkin_time(p_organization, letter_at - interval '24 hours'));
  end if;
end;
$$;
comment on function rubis.asking_at(rubis.organization, timestamptz, timestamptz) is
  'When the owner is asked again before a letter, not before p_after, and when the letter then '
  'leaves.';
