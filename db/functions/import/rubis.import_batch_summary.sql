create or replace function rubis.import_batch_summary(p_batch rubis.import_batch)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- An import batch as the API shows it in a list, without its drafts.
--   Called by  rubis.import_batch_document, api.list_import_batches, api.review_import_batch,
--              api.discard_import_drafts
  select jsonb_build_object(
    'import_batch_id', p_batch.import_batch_id,
    'created_at', p_batch.created_at,
    'source', p_batch.source,
    'counts', rubis.import_counts(p_batch.organization_id, p_batch.import_batch_id));
$$;
comment on function rubis.import_batch_summary(rubis.import_batch) is
  'An import batch as JSON: import_batch_id, created_at, source, counts.';
