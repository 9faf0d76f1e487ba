create or replace function worker.put_holidays(p_country text, p_year int, p_holidays jsonb)
returns void
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Write a year of a country into the calendar, once.
--   Called by  worker/holidays.py
--   Writes     public_holiday, holiday_year
  insert into rubis.public_holiday (country, day, name)
  select p_country, h.day, h.name
    from jsonb_to_recordset(p_holidays) as h (day date, name text)
  on conflict (country, day) do nothing;
  insert into rubis.holiday_year (country, year) values (p_country, p_year)
  on conflict (country, year) do nothing;
$$;
comment on function worker.put_holidays(text, int, jsonb) is
  'Fill the public holidays of a country and year: [{day, name}, ...].';
