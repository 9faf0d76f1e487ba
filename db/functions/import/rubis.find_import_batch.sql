create or replace function rubis.find_import_batch(
  p_organization_id bigint, p_import_batch_id bigint
)
returns rubis.import_batch
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Find a batch of this organization.
--   Called by  api.get_import_batch, api.review_import_batch, api.validate_certain_drafts,
--              api.discard_import_drafts
--   Raises     RB404
declare
  v_batch rubis.import_batch;
begin
  select b.* into v_batch from rubis.import_batch as b
   where b.organization_id = p_organization_id and b.import_batch_id = p_import_batch_id;
  if not found then
    raise exception using errcode = 'RB404', constraint = 'import_batch__missing',
      column = 'import_batch_id',
      message = format('import batch %s does not exist', p_import_batch_id);
  end if;
  return v_batch;
end;
$$;
comment on function rubis.find_import_batch(bigint, bigint) is 'Return a batch. RB404.';
