create or replace function rubis.is_working_day(p_calendar text, p_day date)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Tell whether a day is neither at a weekend nor a public holiday.
--   Called by  rubis.next_working_day, rubis.relance_verdict
  select not exists (
      select from rubis.holiday_calendar as c
       where c.calendar = p_calendar
         and extract(isodow from p_day)::smallint = any (c.weekend))
    and not exists (
      select from rubis.public_holiday as h where h.calendar = p_calendar and h.day = p_day);
$$;
comment on function rubis.is_working_day(text, date) is
  'Whether a calendar (FR, FR-57) has a day neither in its weekend nor among its public holidays, '
  'as far as rubis.holiday_year knows.';
