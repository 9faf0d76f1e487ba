create or replace function api.validate_import_draft(
  p_access_token_hash bytea, p_import_batch_id bigint, p_import_draft_id bigint
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Make a draft an invoice, and create its client if new. The user who imported the draft issues the
-- invoice; without a currency, it is in EUR. A second call, or one at the same time, returns the
-- same invoice.
--   Called by  app/api/routes/import_batches.py
--   Writes     client if new, invoice, import_draft; the check-in and the rest by the triggers of
--              invoice
--   Raises     RB401, RB404, RB409 import_draft__discarded, RB409 invoice__number, RB422
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_draft rubis.import_draft :=
    rubis.lock_import_draft(v_actor.organization_id, p_import_batch_id, p_import_draft_id);
  v_issuer_id bigint;
  v_invoice_id bigint;
begin
  if v_draft.status = 'validated' then
    return rubis.invoice_document(v_actor.organization_id, v_draft.invoice_id);
  elsif v_draft.status <> 'pending' then
    raise exception using errcode = 'RB409', constraint = 'import_draft__' || v_draft.status,
      column = 'import_draft_id',
      message = format('import draft %s is %s', p_import_draft_id, v_draft.status);
  end if;
  perform rubis.check_draft_complete(v_draft);
  select b.user_id into strict v_issuer_id from rubis.import_batch as b
   where b.organization_id = v_draft.organization_id
     and b.import_batch_id = v_draft.import_batch_id;
  v_invoice_id := rubis.insert_invoice(
    row(v_draft.organization_id, v_issuer_id)::rubis.actor,
    rubis.find_or_create_client(
      v_draft.organization_id, v_draft.client_name, v_draft.client_email, 'client_name'),
    v_draft.number, v_draft.issued_on, v_draft.due_on, v_draft.amount_cents,
    coalesce(v_draft.currency, 'EUR'));
  update rubis.import_draft as d
     set status = 'validated', validated_at = rubis.clock(), invoice_id = v_invoice_id
   where d.organization_id = v_draft.organization_id
     and d.import_draft_id = v_draft.import_draft_id;
  return rubis.invoice_document(v_draft.organization_id, v_invoice_id);
end;
$$;
comment on function api.validate_import_draft(bytea, bigint, bigint) is
  'Make a draft an invoice, once; returns the invoice. RB401, RB404, RB409, RB422.';
