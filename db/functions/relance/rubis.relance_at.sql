create or replace function rubis.relance_at(
  p_organization rubis.organization, p_day date, p_not_before timestamptz
)
returns timestamptz
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Compute when a relance planned for a day leaves: at the organization's relance time on that day,
-- or on the first working day after it, and not before p_not_before.
--   Called by  rubis.next_relance_at, rubis.relance_verdict, rubis.later_relances,
--              rubis.relance_spacing, rubis.client_spacing, rubis.quota_free_at,
--              rubis.letter_ahead, rubis.relance_gate, rubis.asking_at
declare
  v_day date := rubis.next_working_day(
    p_organization.calendar,
    greatest(p_day, (p_not_before at time zone p_organization.time_zone)::date));
  v_at timestamptz := (v_day + p_organization.relance_time) at time zone p_organization.time_zone;
begin
  if v_at < p_not_before then
    v_at := (
      rubis.next_working_day(p_organization.calendar, v_day + 1) + p_organization.relance_time)
      at time zone p_organization.time_zone;
  end if;
  return v_at;
end;
$$;
comment on function rubis.relance_at(rubis.organization, date, timestamptz) is
  'The moment of a relance: its day moved to a working day, at the organization''s local relance '
  'time, not before p_not_before.';
