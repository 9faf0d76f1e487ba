create or replace function worker.missing_holidays()
returns jsonb
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Which years of which countries the calendar lacks: from last year to two years ahead, for every
-- organization's country.
--   Called by  worker/holidays.py
  select coalesce(jsonb_agg(jsonb_build_object('country', c.country, 'year', y.year)), '[]')
    from (select distinct o.country from rubis.organization as o union select 'FR') as c (country)
   cross join generate_series(
     extract(year from rubis.clock())::int - 1,
     extract(year from rubis.clock())::int + 2) as y (year)
   where not exists (
     select from rubis.holiday_year as h where h.country = c.country and h.year = y.year);
$$;
comment on function worker.missing_holidays() is
  'The years to fill: [{country, year}, ...].';
