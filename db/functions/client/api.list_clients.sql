create or replace function api.list_clients(
  p_access_token_hash bytea, p_limit int default 50, p_cursor text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- List the organization's clients, but those merged into another and that of a sample, newest
-- first, one page per call.
--   Called by  app/api/routes/clients.py
--   Raises     RB401, RB422
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_limit int := rubis.check_limit(p_limit);
  v_before record := rubis.decode_cursor(p_cursor);
  v_page rubis.client[];
begin
  v_page := array(
    select c from rubis.client as c
     where c.organization_id = v_actor.organization_id and c.merged_into_client_id is null
       and not c.is_sample
       and (c.created_at, c.client_id) < (v_before.before_at, v_before.before_id)
     order by c.created_at desc, c.client_id desc
     limit v_limit + 1);
  return jsonb_build_object(
    'items', (
      select coalesce(jsonb_agg(
          rubis.client_document(c) order by c.created_at desc, c.client_id desc), '[]')
        from unnest(v_page[:v_limit]) as c),
    'next_cursor', case when cardinality(v_page) > v_limit then
      rubis.encode_cursor(v_page[v_limit].created_at, v_page[v_limit].client_id) end);
end;
$$;
comment on function api.list_clients(bytea, int, text) is
  'Clients, newest first: {items, next_cursor}. RB401, RB422.';
