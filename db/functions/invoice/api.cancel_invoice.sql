create or replace function api.cancel_invoice(p_access_token_hash bytea, p_invoice_id bigint)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Cancel an open invoice and free its number. A second call changes nothing.
--   Called by  app/api/routes/invoices.py
--   Writes     invoice; event and cancellations by its triggers
--   Raises     RB401, RB404, RB409 invoice__paid
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_invoice rubis.invoice := rubis.lock_invoice(v_actor.organization_id, p_invoice_id);
begin
  if v_invoice.status = 'paid' then
    raise exception using errcode = 'RB409', constraint = 'invoice__paid', column = 'invoice_id',
      message = format('invoice %s is paid', v_invoice.number);
  end if;
  if v_invoice.status = 'open' then
    update rubis.invoice as i
       set status = 'cancelled'
     where i.organization_id = v_actor.organization_id and i.invoice_id = p_invoice_id;
  end if;
  return rubis.invoice_document(v_actor.organization_id, p_invoice_id);
end;
$$;
comment on function api.cancel_invoice(bytea, bigint) is
  'Cancel an open invoice, once. RB401, RB404, RB409.';
