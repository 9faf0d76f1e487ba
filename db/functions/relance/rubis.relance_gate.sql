create or replace function rubis.relance_gate(
  p_invoice rubis.invoice, p_client rubis.client, p_organization rubis.organization,
  p_at timestamptz, p_asked_at timestamptz default null
)
returns rubis.verdict
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Tell whether a letter at p_at rests on a fresh word: the owner was asked, no link can answer any
-- more, the question is at most question_valid_days old, and nothing has made it doubtful since. If
-- not, asks_at says when the owner is asked again. If p_at is in the future, a live check-in is
-- assumed to expire unanswered; p_asked_at: assume that the owner is asked then as well.
--   Called by  rubis.relance_verdict, rubis.schedule_relance
declare
  v_zone text := p_organization.time_zone;
  v_word rubis.word := rubis.last_word(p_invoice);
  v_until timestamptz;
  v_ended_at timestamptz;
  v_doubted_at timestamptz;
  v_asking record;
begin
  if v_word.is_live is null then
    return row('hold', 'owner_not_asked', null, null)::rubis.verdict;
  elsif v_word.is_live and p_at <= rubis.clock() then
    -- An answer lets a held letter go. One that leaves when the question closes is not held.
    if v_word.closes_at > p_at + interval '1 hour' then
      return row('hold', 'owner_being_asked', null, null)::rubis.verdict;
    end if;
    -- It waits no longer than that: a minute more may be the next day.
    return row(
      'wait', 'owner_being_asked', case when v_word.closes_at > p_at then v_word.closes_at
        else p_at + interval '1 minute' end, null)::rubis.verdict;
  elsif v_word.is_live and (v_word.closes_at at time zone v_zone)::date < p_invoice.due_on then
    -- The question of the due date follows it.
    v_until := (p_invoice.due_on + p_organization.checkin_time) at time zone v_zone;
    v_word := row(
      true, v_until, v_until, v_until + interval '24 hours', v_word.is_elsewhere,
      v_word.doubted_at)::rubis.word;
  end if;
  if p_asked_at is not null then
    v_word := row(
      true, p_asked_at, p_asked_at, p_asked_at + interval '24 hours', false, null)::rubis.word;
  end if;
  if v_word.closes_at > p_at then
    v_until := v_word.closes_at;
    if v_word.is_live and v_word.closes_at > p_at + interval '1 hour' then
      -- It will be held then, and planned again when the question closes.
      v_until := rubis.relance_at(
        p_organization, (p_at at time zone v_zone)::date, v_word.closes_at);
    end if;
    return row(
      'wait', case when v_word.is_live then 'owner_being_asked' else 'link_alive' end,
      v_until, null)::rubis.verdict;
  end if;
  v_ended_at := (greatest(p_invoice.paused_until, p_client.paused_until) + 1)::timestamp
    at time zone v_zone;
  v_doubted_at := greatest(
    p_invoice.doubted_at, p_client.doubted_at, v_word.doubted_at,
    case when v_ended_at <= p_at then v_ended_at end);
  if v_word.is_elsewhere or v_word.said_at <= v_doubted_at
    or (v_word.said_at at time zone v_zone)::date < p_invoice.due_on
    or (p_at at time zone v_zone)::date - (v_word.word_at at time zone v_zone)::date
      > p_organization.question_valid_days then
    v_asking := rubis.asking_at(
      p_organization, p_at,
      greatest(v_doubted_at, v_word.closes_at, v_word.word_at + interval '24 hours'));
    return row('wait', 'word_stale', v_asking.letter_at, v_asking.asks_at)::rubis.verdict;
  end if;
  return row('leave', null, null, null)::rubis.verdict;
end;
$$;
comment on function rubis.relance_gate(
  rubis.invoice, rubis.client, rubis.organization, timestamptz, timestamptz) is
  'Whether the owner''s word is fresh; if not: owner_not_asked, owner_being_asked, link_alive, or '
  'word_stale with the moment of the next question.';
