create or replace function rubis.read_date(p_text text)
returns date
language plpgsql immutable strict
set search_path = pg_catalog, pg_temp
as $$
-- Read a date in the form YYYY-MM-DD; null if the text is none. A plain cast would also accept
-- today or 31/12/26, and raise an error for the rest.
--   Called by  rubis.draft_faults
declare
  v_parts text[] := regexp_match(p_text, '^([0-9]{4})-([0-9]{2})-([0-9]{2})$');
begin
  return make_date(v_parts[1]::int, v_parts[2]::int, v_parts[3]::int);
exception
  when datetime_field_overflow then
    return null;
end;
$$;
comment on function rubis.read_date(text) is
  'The date that a text in the form YYYY-MM-DD names; null if it names none.';
