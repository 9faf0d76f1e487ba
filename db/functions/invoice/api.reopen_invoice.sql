create or replace function api.reopen_invoice(
  p_access_token_hash bytea, p_invoice_id bigint, p_reason text
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Open an invoice again that was paid or cancelled by mistake. An open invoice stays as it is.
--   Called by  app/api/routes/invoices.py
--   Writes     invoice; rubis, event, check-in and relance by its triggers
--   Raises     RB401, RB404, RB409 invoice__number
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_invoice rubis.invoice := rubis.lock_invoice(v_actor.organization_id, p_invoice_id);
begin
  if v_invoice.status <> 'open' then
    perform set_config('rubis.reason', coalesce(p_reason, ''), true);
    begin
      update rubis.invoice as i
         set status = 'open'
       where i.organization_id = v_actor.organization_id and i.invoice_id = p_invoice_id;
    exception
      when unique_violation then
        perform rubis.raise_number_in_use(v_actor.organization_id, v_invoice.number);
    end;
  end if;
  return rubis.invoice_document(v_actor.organization_id, p_invoice_id);
end;
$$;
comment on function api.reopen_invoice(bytea, bigint, text) is
  'Open a paid or cancelled invoice again; the rubis of that payment is taken back. RB401, RB404, '
  'RB409.';
