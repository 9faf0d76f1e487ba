create or replace function worker.missing_holidays()
returns jsonb
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- List the years that the calendars in use lack: from last year to two years ahead, for the
-- calendar of every organization.
--   Called by  worker/calendar.py
  select coalesce(jsonb_agg(jsonb_build_object(
      'calendar', c.calendar, 'year', y.year, 'ahead', y.year > extract(year from rubis.clock())
    ) order by y.year, c.calendar), '[]')
    from (
      select distinct o.calendar from rubis.organization as o union select 'FR') as c (calendar)
   cross join generate_series(
     extract(year from rubis.clock())::int - 1,
     extract(year from rubis.clock())::int + 2) as y (year)
   where not exists (
     select from rubis.holiday_year as h where h.calendar = c.calendar and h.year = y.year);
$$;
comment on function worker.missing_holidays() is
  'The years to fill: [{calendar, year, ahead}, ...]; ahead: the year has not begun.';
