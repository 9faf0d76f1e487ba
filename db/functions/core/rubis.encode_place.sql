create or replace function rubis.encode_place(p_sort text, p_value bigint, p_id bigint)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
-- The place in a sorted list after which the next page starts; opaque to clients.
--   Called by  rubis.find_invoices, api.list_clients
  select rubis.cursor_of(p_sort || '.' || p_value || '.' || p_id);
$$;
comment on function rubis.encode_place(text, bigint, bigint) is
  'A page cursor: base64url of the order, its value of the last item shown, and that item''s id.';
