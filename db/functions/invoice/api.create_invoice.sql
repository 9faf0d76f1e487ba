create or replace function api.create_invoice(
  p_access_token_hash bytea, p_client_id bigint, p_client_name text, p_client_email text,
  p_number text, p_issued_on date, p_due_on date, p_amount_cents bigint,
  p_currency text default 'EUR'
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Issue an invoice to a known client (p_client_id) or to the client named here. Its triggers
-- schedule the check-in and the relance. Without p_due_on it is due by the client's terms.
--   Called by  app/api/routes/invoices.py
--   Writes     client if new, invoice; the rest by triggers
--   Raises     RB401, RB409 invoice__number, RB422
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_client_id bigint;
  v_invoice_id bigint;
begin
  if (p_client_id is null) = (p_client_name is null) then
    raise exception using errcode = 'RB422', constraint = 'invoice__one_client',
      column = 'client_id',
      message = 'give either client_id or client, not both';
  end if;
  if p_client_id is null then
    v_client_id := rubis.find_or_create_client(
      v_actor.organization_id, p_client_name, p_client_email);
  else
    v_client_id := rubis.check_client(v_actor.organization_id, p_client_id);
  end if;
  v_invoice_id := rubis.insert_invoice(
    v_actor, v_client_id, p_number, p_issued_on, p_due_on, p_amount_cents, p_currency);
  return rubis.invoice_document(v_actor.organization_id, v_invoice_id);
end;
$$;
comment on function api.create_invoice(bytea, bigint, text, text, text, date, date, bigint, text) is
  'Issue an invoice, without p_due_on by the client''s terms; returns it with its check-in and '
  'relance. RB401, RB409, RB422.';
