create or replace function rubis.import_draft_document(p_draft rubis.import_draft, p_doubts jsonb)
returns jsonb
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
-- An import draft as the API shows it.
--   Called by  rubis.import_draft_shown, rubis.import_batch_document, api.review_import_batch
  select to_jsonb(p_draft) - array['organization_id', 'created_at', 'faults']
    || jsonb_build_object('doubts', coalesce(p_doubts, '[]'));
$$;
comment on function rubis.import_draft_document(rubis.import_draft, jsonb) is
  'An import draft as JSON: its columns but organization_id, created_at and faults; its doubts.';
