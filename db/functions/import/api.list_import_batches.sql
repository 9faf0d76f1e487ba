create or replace function api.list_import_batches(
  p_access_token_hash bytea, p_limit int default 50, p_cursor text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- List the organization's import batches without their drafts, newest first, one page per call.
--   Called by  app/api/routes/import_batches.py
--   Raises     RB401, RB422
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_limit int := rubis.check_limit(p_limit);
  v_before record := rubis.decode_cursor(p_cursor);
  v_page rubis.import_batch[];
begin
  v_page := array(
    select b from rubis.import_batch as b
     where b.organization_id = v_actor.organization_id
       and (b.created_at, b.import_batch_id) < (v_before.before_at, v_before.before_id)
     order by b.created_at desc, b.import_batch_id desc
     limit v_limit + 1);
  return jsonb_build_object(
    'items', (
      select coalesce(jsonb_agg(
          rubis.import_batch_summary(b) order by b.created_at desc, b.import_batch_id desc), '[]')
        from unnest(v_page[:v_limit]) as b),
    'next_cursor', case when cardinality(v_page) > v_limit then
      rubis.encode_cursor(v_page[v_limit].created_at, v_page[v_limit].import_batch_id) end);
end;
$$;
comment on function api.list_import_batches(bytea, int, text) is
  'Import batches, newest first: {items, next_cursor}. RB401, RB422.';
