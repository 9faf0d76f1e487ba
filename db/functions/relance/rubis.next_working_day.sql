create or replace function rubis.next_working_day(p_calendar text, p_day date)
returns date
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Find the first working day that is not before p_day. The search ends after a year: the verdict
-- asks again on the day that is given then.
--   Called by  rubis.relance_at
declare
  v_day date := p_day;
begin
  while v_day < p_day + 366 and not rubis.is_working_day(p_calendar, v_day) loop
    v_day := v_day + 1;
  end loop;
  return v_day;
end;
$$;
comment on function rubis.next_working_day(text, date) is
  'The first working day that is not before p_day, or the day a year later if there is none.';
