create or replace function rubis.cursor_of(p_place text)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
-- Write a place in a list as the API hands it out, opaque to clients.
--   Called by  rubis.encode_cursor, rubis.encode_place
  select translate(encode(convert_to(p_place, 'UTF8'), 'base64'), '+/=', '-_');
$$;
comment on function rubis.cursor_of(text) is 'A text as base64url without padding.';
