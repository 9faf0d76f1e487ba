create or replace function rubis.padded(p_number numeric, p_width int)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
-- Write a whole number with zeros before it; a number that is wider stays whole.
--   Called by  rubis.free_number
  select lpad(p_number::text, greatest(p_width, length(p_number::text)), '0');
$$;
comment on function rubis.padded(numeric, int) is
  'A whole number with zeros before it, at least p_width digits.';
