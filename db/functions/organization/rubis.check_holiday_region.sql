create or replace function rubis.check_holiday_region()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Refuse a region that is not the country's. A change of country alone empties the region.
--   Called by  trigger organization_10_check_holiday_region
--   Raises     RB422
begin
  if new.holiday_region is null or exists (
    select from rubis.holiday_calendar as c
     where c.calendar = new.holiday_region and c.country = new.country and c.calendar <> c.country
  ) then
    return new;
  elsif tg_op = 'UPDATE'
    and new.country <> old.country and new.holiday_region = old.holiday_region then
    new.holiday_region := null;
    return new;
  end if;
  raise exception using errcode = 'RB422', constraint = 'organization__holiday_region',
    column = 'holiday_region',
    message = format(
      '%s is not a region of %s with public holidays of its own', new.holiday_region, new.country),
    hint = coalesce(
      'one of: ' || (
        select string_agg(c.calendar, ', ' order by c.calendar) from rubis.holiday_calendar as c
         where c.country = new.country and c.calendar <> c.country),
      format('no region of %s is known: leave it null', new.country));
end;
$$;
comment on function rubis.check_holiday_region() is
  'Trigger: holiday_region is a calendar of the country; another country empties it. RB422.';
