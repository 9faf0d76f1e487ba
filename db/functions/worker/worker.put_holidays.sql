create or replace function worker.put_holidays(p_calendar text, p_year int, p_holidays jsonb)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Write a year of a calendar, once. A worker fills years that are near, with days of that year.
--   Called by  worker/calendar.py
--   Writes     public_holiday, holiday_year
--   Raises     RB422
declare
  v_this_year int := extract(year from rubis.clock())::int;
begin
  if p_year is null or p_year not between v_this_year - 1 and v_this_year + 10 then
    raise exception using errcode = 'RB422', constraint = 'holiday_year__year', column = 'year',
      message = format('year must be between %s and %s', v_this_year - 1, v_this_year + 10);
  elsif not exists (select from rubis.holiday_calendar as c where c.calendar = p_calendar) then
    raise exception using errcode = 'RB422', constraint = 'holiday_year__calendar',
      column = 'calendar', message = format('%s is not a calendar', p_calendar);
  elsif exists (
    select from jsonb_to_recordset(p_holidays) as h (day date)
     where extract(year from h.day) is distinct from p_year
  ) then
    raise exception using errcode = 'RB422', constraint = 'public_holiday__day',
      column = 'holidays', message = format('every holiday must be a day of %s', p_year);
  end if;
  insert into rubis.public_holiday (calendar, day, name)
  select p_calendar, h.day, h.name
    from jsonb_to_recordset(p_holidays) as h (day date, name text)
   where not exists (
     select from rubis.holiday_year as y where y.calendar = p_calendar and y.year = p_year)
  on conflict (calendar, day) do nothing;
  insert into rubis.holiday_year (calendar, year) values (p_calendar, p_year)
  on conflict (calendar, year) do nothing;
end;
$$;
comment on function worker.put_holidays(text, int, jsonb) is
  'Fill the public holidays of a calendar and year, once: [{day, name}, ...]. RB422.';
