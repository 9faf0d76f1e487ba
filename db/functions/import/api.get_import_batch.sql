create or replace function api.get_import_batch(p_access_token_hash bytea, p_import_batch_id bigint)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- One batch with its drafts.
--   Called by  app/api/routes/import_batches.py
--   Raises     RB401, RB404
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_batch rubis.import_batch :=
    rubis.find_import_batch(v_actor.organization_id, p_import_batch_id);
begin
  return rubis.import_batch_document(v_batch.organization_id, v_batch.import_batch_id);
end;
$$;
comment on function api.get_import_batch(bytea, bigint) is
  'One import batch with its drafts. RB401, RB404.';
