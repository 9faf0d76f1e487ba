create or replace function rubis.number_key(p_number text)
returns text
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
-- Make the key by which numbers are compared that differ in separators alone: F-2026-14 and
-- F2026/0014. No index holds it: it would cost each insert more than the warning is worth.
--   Called by  api.find_doubles
begin
  return regexp_replace(
    -- The zeros that a run of digits begins with, if a digit follows them.
    regexp_replace(
      rubis.key(p_number), '(^|[^0-9])0+([0-9])' collate "C", '\1\2', 'g'),
    '[\u0001-\u002f:-@\[-`{-\u00bf]+' collate "C", '', 'g');
end;
$$;
comment on function rubis.number_key(text) is
  'The key of an invoice''s number but for separators: letters and digits alone, without the zeros '
  'that a run of digits begins with.';
