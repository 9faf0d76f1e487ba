create or replace function rubis.checkin_at(p_due_on date, p_checkin_time time, p_time_zone text)
returns timestamptz
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Compute when to ask: on the due date at the local check-in time or, if that moment is not in the
-- future, one minute from now. A time that daylight saving skips is read with the offset before it;
-- of a time that comes twice, the second is taken.
--   Called by  rubis.issue_effects, rubis.schedule_checkin, rubis.plan_again,
--              rubis.foreseen_questions, rubis.question_room, api.preview_plan
declare
  v_at timestamptz := (p_due_on + p_checkin_time) at time zone p_time_zone;
  v_now timestamptz := rubis.clock();
begin
  return case when v_at > v_now then v_at else v_now + interval '1 minute' end;
end;
$$;
comment on function rubis.checkin_at(date, time, text) is
  'The moment of a check-in: due date at local time, never in the past (then one minute from now).';
