create or replace function api.mark_invoice_paid(p_access_token_hash bytea, p_invoice_id bigint)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Mark an invoice paid, as the user says in the app. A second call changes nothing.
--   Called by  app/api/routes/invoices.py
--   Writes     invoice; rubis, event and cancellations by its triggers
--   Raises     RB401, RB404, RB409 invoice__cancelled
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_invoice rubis.invoice := rubis.lock_invoice(v_actor.organization_id, p_invoice_id);
begin
  if v_invoice.status = 'cancelled' then
    raise exception using errcode = 'RB409', constraint = 'invoice__cancelled',
      column = 'invoice_id',
      message = format('invoice %s is cancelled', v_invoice.number);
  end if;
  if v_invoice.status = 'open' then
    update rubis.invoice as i
       set status = 'paid', paid_via = 'manual'
     where i.organization_id = v_actor.organization_id and i.invoice_id = p_invoice_id;
  end if;
  return rubis.invoice_document(v_actor.organization_id, p_invoice_id);
end;
$$;
comment on function api.mark_invoice_paid(bytea, bigint) is
  'Mark an invoice paid by hand, once. RB401, RB404, RB409.';
