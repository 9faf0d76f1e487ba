create or replace function worker.put_holidays(p_calendar text, p_year int, p_holidays jsonb)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Write a year of a calendar, once, and only one that worker.missing_holidays asks for. A worker
-- changes no year that is filled, and closes no more days than a plausible calendar has: the most
-- that the library knows is 35.
--   Called by  worker/calendar.py
--   Writes     public_holiday, holiday_year
--   Raises     RB422
begin
  if exists (
    select from rubis.holiday_year as y where y.calendar = p_calendar and y.year = p_year
  ) then
    return;
  elsif not exists (
    select from jsonb_to_recordset(worker.missing_holidays()) as m (calendar text, year int)
     where m.calendar = p_calendar and m.year = p_year
  ) then
    raise exception using errcode = 'RB422', constraint = 'holiday_year__not_asked_for',
      column = 'year', message = format('no calendar in use lacks %s of %s', p_year, p_calendar);
  elsif exists (
    select from jsonb_to_recordset(p_holidays) as h (day date)
     where extract(year from h.day) is distinct from p_year
  ) then
    raise exception using errcode = 'RB422', constraint = 'public_holiday__day',
      column = 'holidays', message = format('every holiday must be a day of %s', p_year);
  elsif (
    select count(distinct h.day) > 60 from jsonb_to_recordset(p_holidays) as h (day date)
  ) then
    raise exception using errcode = 'RB422', constraint = 'public_holiday__count',
      column = 'holidays', message = 'a year may have 60 public holidays at most';
  end if;
  insert into rubis.public_holiday (calendar, day, name)
  select p_calendar, h.day, left(h.name, 200)
    from jsonb_to_recordset(p_holidays) as h (day date, name text)
  on conflict (calendar, day) do nothing;
  insert into rubis.holiday_year (calendar, year) values (p_calendar, p_year)
  on conflict (calendar, year) do nothing;
end;
$$;
comment on function worker.put_holidays(text, int, jsonb) is
  'Fill the public holidays of a calendar and year that lacks them, once: [{day, name}, ...]. '
  'RB422.';
