create or replace function api.discard_import_draft(
  p_access_token_hash bytea, p_import_batch_id bigint, p_import_draft_id bigint
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Discard a pending draft. A second call changes nothing.
--   Called by  app/api/routes/import_batches.py
--   Writes     import_draft
--   Raises     RB401, RB404, RB409 import_draft__validated
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_draft rubis.import_draft :=
    rubis.lock_import_draft(v_actor.organization_id, p_import_batch_id, p_import_draft_id);
begin
  if v_draft.status = 'validated' then
    raise exception using errcode = 'RB409', constraint = 'import_draft__validated',
      column = 'import_draft_id',
      message = format('import draft %s is validated', p_import_draft_id),
      hint = format('cancel its invoice %s instead', v_draft.invoice_id);
  end if;
  if v_draft.status = 'pending' then
    update rubis.import_draft as d
       set status = 'discarded', discarded_at = rubis.clock()
     where d.organization_id = v_actor.organization_id and d.import_draft_id = p_import_draft_id;
  end if;
  return rubis.import_draft_shown(
    v_draft.organization_id, v_draft.import_batch_id, v_draft.import_draft_id);
end;
$$;
comment on function api.discard_import_draft(bytea, bigint, bigint) is
  'Discard a pending draft, once; returns it. RB401, RB404, RB409.';
