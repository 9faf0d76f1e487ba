create or replace function rubis.cursor_parts(p_cursor text)
returns text[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Read what rubis.cursor_of wrote, part by part. A text that it did not write is a data_exception,
-- or has other parts: the caller says so.
--   Called by  rubis.decode_cursor, rubis.decode_place
  select string_to_array(convert_from(decode(
    rpad(translate(p_cursor, '-_', '+/'), (length(p_cursor) + 3) / 4 * 4, '='),
    'base64'), 'UTF8'), '.');
$$;
comment on function rubis.cursor_parts(text) is
  'The parts of a cursor, which points divide. data_exception if it is no base64url of UTF-8.';
