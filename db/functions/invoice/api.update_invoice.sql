create or replace function api.update_invoice(
  p_access_token_hash bytea, p_invoice_id bigint, p_changes jsonb
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Correct an open invoice; its client may be named, and is made if new. Its triggers record the
-- change and, unless only issued_on or relances_off changed, ask the user again.
--   Called by  app/api/routes/invoices.py
--   Writes     client if new, invoice; the rest by triggers
--   Raises     RB401, RB404, RB409 invoice__settled, RB409 invoice__number, RB422
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_invoice rubis.invoice;
  v_client_id bigint;
begin
  perform rubis.check_fields(
    p_changes,
    array[
      'client_id', 'client', 'number', 'issued_on', 'due_on', 'amount_cents', 'currency',
      'relances_off']);
  if p_changes ?& array['client_id', 'client'] then
    raise exception using errcode = 'RB422', constraint = 'invoice__one_client',
      column = 'client_id', message = 'give either client_id or client, not both';
  elsif p_changes ? 'client' then
    v_client_id := rubis.find_or_create_client(
      v_actor.organization_id, p_changes #>> '{client,name}', p_changes #>> '{client,email}');
  end if;
  v_invoice := rubis.lock_invoice(v_actor.organization_id, p_invoice_id);
  v_invoice := jsonb_populate_record(v_invoice, p_changes);
  if p_changes ? 'client_id' then
    v_client_id := rubis.check_client(v_actor.organization_id, v_invoice.client_id);
  end if;
  if v_invoice.due_on < v_invoice.issued_on then
    raise exception using errcode = 'RB422', constraint = 'invoice__due_on',
      column = case when p_changes ? 'due_on' then 'due_on' else 'issued_on' end,
      message = 'due_on must not be before issued_on';
  end if;
  begin
    update rubis.invoice as i
       set client_id = coalesce(v_client_id, v_invoice.client_id), number = v_invoice.number,
           issued_on = v_invoice.issued_on, due_on = v_invoice.due_on,
           amount_cents = v_invoice.amount_cents, currency = v_invoice.currency,
           relances_off = v_invoice.relances_off
     where i.organization_id = v_actor.organization_id and i.invoice_id = p_invoice_id;
  exception
    when unique_violation then
      perform rubis.raise_number_in_use(v_actor.organization_id, v_invoice.number);
  end;
  return rubis.invoice_document(v_actor.organization_id, p_invoice_id);
end;
$$;
comment on function api.update_invoice(bytea, bigint, jsonb) is
  'Correct the facts of an open invoice, or exclude it from relances. RB401, RB404, RB409, RB422.';
