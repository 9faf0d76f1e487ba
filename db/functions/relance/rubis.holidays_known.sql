create or replace function rubis.holidays_known(p_calendar text, p_day date)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Tell whether the public holidays of a day's year are in the calendar. Some countries have none.
--   Called by  rubis.relance_verdict, rubis.organization_document
  select case
    when not exists (
      select from rubis.holiday_year as y
       where y.calendar = p_calendar and y.year = extract(year from p_day)::int)
      then 'awaited'
    when not exists (
      select from rubis.public_holiday as h
       where h.calendar = p_calendar
         and h.day >= make_date(extract(year from p_day)::int, 1, 1)
         and h.day <= make_date(extract(year from p_day)::int, 12, 31))
      then 'weekends_only'
    else 'known' end;
$$;
comment on function rubis.holidays_known(text, date) is
  'known; weekends_only, if the year has no public holiday; awaited, until a worker fills it.';
