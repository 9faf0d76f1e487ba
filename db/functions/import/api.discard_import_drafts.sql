create or replace function api.discard_import_drafts(
  p_access_token_hash bytea, p_import_batch_id bigint
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Discard all drafts of a batch that are still pending. A second call changes nothing.
--   Called by  app/api/routes/import_batches.py
--   Writes     import_draft
--   Raises     RB401, RB404
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_batch rubis.import_batch :=
    rubis.find_import_batch(v_actor.organization_id, p_import_batch_id);
begin
  perform from rubis.import_draft as d
    where d.organization_id = v_batch.organization_id
      and d.import_batch_id = v_batch.import_batch_id and d.status = 'pending'
    order by d.import_draft_id for no key update;
  update rubis.import_draft as d
     set status = 'discarded', discarded_at = rubis.clock()
   where d.organization_id = v_batch.organization_id
     and d.import_batch_id = v_batch.import_batch_id and d.status = 'pending';
  return rubis.import_batch_summary(v_batch);
end;
$$;
comment on function api.discard_import_drafts(bytea, bigint) is
  'Discard the pending drafts of a batch; returns its summary. RB401, RB404.';
