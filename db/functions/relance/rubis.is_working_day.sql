create or replace function rubis.is_working_day(p_country text, p_day date)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Tell whether a day is neither at a weekend nor a public holiday.
--   Called by  rubis.next_working_day, rubis.relance_verdict
  select extract(isodow from p_day) < 6
    and not exists (
      select from rubis.public_holiday as h where h.country = p_country and h.day = p_day);
$$;
comment on function rubis.is_working_day(text, date) is
  'Whether a day is Monday to Friday and no public holiday of the country (ISO 3166-1), as far as '
  'rubis.holiday_year knows.';
