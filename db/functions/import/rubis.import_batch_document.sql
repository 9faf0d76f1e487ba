create or replace function rubis.import_batch_document(
  p_organization_id bigint, p_import_batch_id bigint
)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- An import batch as the API shows it, with its drafts in their order.
--   Called by  api.create_import_batch, api.get_import_batch
  select jsonb_build_object(
    'import_batch_id', b.import_batch_id,
    'created_at', b.created_at,
    'drafts', (
      select coalesce(jsonb_agg(rubis.import_draft_document(d) order by d.position), '[]')
        from rubis.import_draft as d
       where d.organization_id = b.organization_id and d.import_batch_id = b.import_batch_id))
    from rubis.import_batch as b
   where b.organization_id = p_organization_id and b.import_batch_id = p_import_batch_id;
$$;
comment on function rubis.import_batch_document(bigint, bigint) is
  'An import batch as JSON: import_batch_id, created_at, drafts; null if it does not exist.';
