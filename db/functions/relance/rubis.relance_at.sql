create or replace function rubis.relance_at(
  p_due_on date, p_days_after_due int, p_relance_time time, p_time_zone text, p_not_before timestamptz
)
returns timestamptz
language plpgsql stable
set search_path = ''
as $$
-- When a step leaves: its day at the local relance time, or the first such time that is not before p_not_before.
--   Called by  rubis.schedule_relance, rubis.move_schedule
declare
  v_day date := greatest(p_due_on + p_days_after_due, (p_not_before at time zone p_time_zone)::date);
  v_at timestamptz := (v_day + p_relance_time) at time zone p_time_zone;
begin
  if v_at < p_not_before then
    v_at := (v_day + 1 + p_relance_time) at time zone p_time_zone;
  end if;
  return v_at;
end;
$$;
comment on function rubis.relance_at(date, int, time, text, timestamptz) is
  'The moment of a relance: so many days after the due date at local time, and never before p_not_before.';
