create or replace function rubis.encode_cursor(p_at timestamptz, p_id bigint)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
-- The place in a list after which the next page starts; opaque to clients.
--   Called by  the api.list_* functions
  select rubis.cursor_of((extract(epoch from p_at) * 1000000)::bigint || '.' || p_id);
$$;
comment on function rubis.encode_cursor(timestamptz, bigint) is
  'A page cursor: base64url of microseconds since 1970 and the id, of the last item shown.';
