create or replace function rubis.validate_draft(p_draft rubis.import_draft)
returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Make a pending draft, locked by the caller, an invoice, and create its client if new. The user
-- who imported the draft issues the invoice; without a currency, it is in EUR.
--   Called by  api.validate_import_draft, rubis.try_draft
--   Writes     client if new, invoice, import_draft; the check-in and the rest by the triggers of
--              invoice
--   Raises     RB409 invoice__number, RB422
declare
  v_issuer_id bigint;
  v_invoice_id bigint;
begin
  perform rubis.check_draft_complete(p_draft);
  select b.user_id into strict v_issuer_id from rubis.import_batch as b
   where b.organization_id = p_draft.organization_id
     and b.import_batch_id = p_draft.import_batch_id;
  v_invoice_id := rubis.insert_invoice(
    row(p_draft.organization_id, v_issuer_id)::rubis.actor,
    rubis.find_or_create_client(
      p_draft.organization_id, p_draft.client_name, p_draft.client_email, 'client_name'),
    p_draft.number, p_draft.issued_on, p_draft.due_on, p_draft.amount_cents,
    coalesce(p_draft.currency, 'EUR'));
  update rubis.import_draft as d
     set status = 'validated', validated_at = rubis.clock(), invoice_id = v_invoice_id
   where d.organization_id = p_draft.organization_id
     and d.import_draft_id = p_draft.import_draft_id;
  return v_invoice_id;
end;
$$;
comment on function rubis.validate_draft(rubis.import_draft) is
  'Make a pending draft an invoice; returns its invoice_id. RB409, RB422.';
