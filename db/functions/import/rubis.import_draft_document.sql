create or replace function rubis.import_draft_document(p_draft rubis.import_draft)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- An import draft as the API shows it.
--   Called by  rubis.import_batch_document, api.update_import_draft, api.discard_import_draft
  select to_jsonb(p_draft) - array['organization_id', 'created_at'];
$$;
comment on function rubis.import_draft_document(rubis.import_draft) is
  'An import draft as JSON: its columns but organization_id and created_at.';
