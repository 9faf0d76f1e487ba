create or replace function rubis.import_batch_document(
  p_organization_id bigint, p_import_batch_id bigint
)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- An import batch as the API shows it, with its drafts in their order.
--   Called by  api.create_import_batch, api.get_import_batch
  select rubis.import_batch_summary(b) || jsonb_build_object(
    'drafts', (
      select coalesce(jsonb_agg(
               rubis.import_draft_document(d, h.doubts) order by d.position), '[]')
        from rubis.import_draft as d
        left join rubis.import_doubts(p_organization_id, p_import_batch_id) as h
          on h.import_draft_id = d.import_draft_id
       where d.organization_id = b.organization_id and d.import_batch_id = b.import_batch_id))
    from rubis.import_batch as b
   where b.organization_id = p_organization_id and b.import_batch_id = p_import_batch_id;
$$;
comment on function rubis.import_batch_document(bigint, bigint) is
  'An import batch as JSON: its summary and its drafts; null if it does not exist.';
