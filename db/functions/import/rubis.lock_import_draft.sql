create or replace function rubis.lock_import_draft(
  p_organization_id bigint, p_import_batch_id bigint, p_import_draft_id bigint
)
returns rubis.import_draft
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Lock a draft of this organization and batch until the transaction ends. Drafts come first in the
-- lock order.
--   Called by  api.update_import_draft, api.validate_import_draft, api.discard_import_draft
--   Raises     RB404
declare
  v_draft rubis.import_draft;
begin
  select d.* into v_draft from rubis.import_draft as d
   where d.organization_id = p_organization_id
     and d.import_batch_id = p_import_batch_id and d.import_draft_id = p_import_draft_id
     for no key update;
  if not found then
    raise exception using errcode = 'RB404', constraint = 'import_draft__missing',
      column = 'import_draft_id',
      message = format('import batch %s has no draft %s', p_import_batch_id, p_import_draft_id);
  end if;
  return v_draft;
end;
$$;
comment on function rubis.lock_import_draft(bigint, bigint, bigint) is
  'Lock and return a draft of a batch. RB404.';
