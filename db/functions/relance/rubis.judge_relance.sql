create or replace function rubis.judge_relance(p_relance rubis.relance)
returns rubis.verdict
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Ask for the verdict on a relance: of this moment, or, if it is looked at ahead of its time, of
-- that time. If the owner must be asked again, ask when the moment has come. Unless the relance may
-- leave now, put it off until the moment that the verdict names, or hold it with the reason. An
-- outdated one is planned again first, and then its row is read; if its time is now later, the
-- verdict is to wait for it. The caller holds invoice and relance.
--   Called by  rubis.gather_letters, rubis.begin_letter
--   Writes     relance, checkin_task
declare
  v_now timestamptz := rubis.clock();
  v_at timestamptz;
  v_verdict rubis.verdict;
  v_then rubis.verdict;
  v_asks_at timestamptz;
  v_letter_at timestamptz;
begin
  if rubis.is_outdated(p_relance.organization_id, p_relance.invoice_id) then
    perform rubis.plan_up_to_date(p_relance.organization_id, array[p_relance.invoice_id]);
    select r.* into strict p_relance from rubis.relance as r
     where r.organization_id = p_relance.organization_id and r.relance_id = p_relance.relance_id;
    if p_relance.status = 'cancelled'
      or least(p_relance.scheduled_at, p_relance.next_look_at) > v_now
      or rubis.is_outdated(p_relance.organization_id, p_relance.invoice_id) then
      return row('wait', 'plan_changed', p_relance.next_look_at, null)::rubis.verdict;
    end if;
  end if;
  perform rubis.share_planning(p_relance.organization_id, p_relance.invoice_id);
  v_at := greatest(p_relance.scheduled_at, v_now);
  v_verdict := rubis.relance_verdict(p_relance.organization_id, p_relance.invoice_id, v_at);
  if v_verdict.verdict = 'leave' and v_at > v_now then
    v_verdict := row('wait', 'not_due', v_at, null)::rubis.verdict;
  elsif v_verdict.verdict = 'wait' then
    -- By then the word may be stale: the owner is asked in time. A pause may end within the 24 h
    -- after a letter, and those on a day off.
    v_then := v_verdict;
    for v_turn in 1 .. 3 loop
      exit when v_then.verdict <> 'wait' or v_then.asks_at is not null;
      v_then := rubis.relance_verdict(
        p_relance.organization_id, p_relance.invoice_id, v_then.until);
    end loop;
    if v_then.asks_at is not null then
      v_verdict := row('wait', v_verdict.reason, v_then.until, v_then.asks_at)::rubis.verdict;
    end if;
  end if;
  v_asks_at := v_verdict.asks_at;
  v_letter_at := case when v_asks_at is null then p_relance.scheduled_at else v_verdict.until end;
  -- At once is the moment at which the verdict was given, some time after v_now.
  if v_asks_at <= rubis.clock() then
    -- It cancels none: what is under way is waited for. Check-ins are locked before relances.
    insert into rubis.checkin_task (organization_id, invoice_id, scheduled_at)
    values (p_relance.organization_id, p_relance.invoice_id, v_now)
    on conflict (organization_id, invoice_id)
    where status in ('scheduled', 'held', 'sending', 'sent') do nothing;
    v_asks_at := null;
  end if;
  if v_verdict.verdict = 'wait' then
    update rubis.relance as r
       set status = 'scheduled', scheduled_at = v_letter_at,
           next_look_at = coalesce(v_asks_at, v_verdict.until)
     where r.organization_id = p_relance.organization_id and r.relance_id = p_relance.relance_id;
  elsif v_verdict.verdict = 'hold' then
    update rubis.relance as r
       set status = 'held', hold_reason = v_verdict.reason, next_look_at = null
     where r.organization_id = p_relance.organization_id and r.relance_id = p_relance.relance_id;
  end if;
  return v_verdict;
end;
$$;
comment on function rubis.judge_relance(rubis.relance) is
  'The verdict on a relance; asks the owner again, puts it off or holds it if it may not leave '
  'now.';
