create or replace function api.validate_import_draft(
  p_access_token_hash bytea, p_import_batch_id bigint, p_import_draft_id bigint
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Make a draft an invoice, and create its client if new. A second call, or one at the same time,
-- returns the same invoice.
--   Called by  app/api/routes/import_batches.py
--   Writes     client if new, invoice, import_draft
--   Raises     RB401, RB404, RB409 import_draft__discarded, RB409 invoice__number, RB422
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_draft rubis.import_draft :=
    rubis.lock_import_draft(v_actor.organization_id, p_import_batch_id, p_import_draft_id);
  v_invoice_id bigint := v_draft.invoice_id;
begin
  if v_draft.status = 'discarded' then
    raise exception using errcode = 'RB409', constraint = 'import_draft__discarded',
      column = 'import_draft_id',
      message = format('import draft %s is discarded', p_import_draft_id);
  elsif v_draft.status = 'pending' then
    v_invoice_id := rubis.validate_draft(v_draft);
  end if;
  return rubis.invoice_document(v_draft.organization_id, v_invoice_id);
end;
$$;
comment on function api.validate_import_draft(bytea, bigint, bigint) is
  'Make a draft an invoice, once; returns the invoice. RB401, RB404, RB409, RB422.';
