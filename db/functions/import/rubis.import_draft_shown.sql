create or replace function rubis.import_draft_shown(
  p_organization_id bigint, p_import_batch_id bigint, p_import_draft_id bigint
)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- One draft with its doubts, as it stands after a change.
--   Called by  api.update_import_draft, api.discard_import_draft
  select rubis.import_draft_document(d, (
           select h.doubts from rubis.import_doubts(p_organization_id, p_import_batch_id) as h
            where h.import_draft_id = d.import_draft_id))
    from rubis.import_draft as d
   where d.organization_id = p_organization_id and d.import_draft_id = p_import_draft_id;
$$;
comment on function rubis.import_draft_shown(bigint, bigint, bigint) is
  'An import draft of a batch as JSON, with its doubts.';
