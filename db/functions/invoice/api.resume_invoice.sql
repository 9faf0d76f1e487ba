create or replace function api.resume_invoice(p_access_token_hash bytea, p_invoice_id bigint)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- End the pause of an invoice. Without a pause, nothing changes.
--   Called by  app/api/routes/invoices.py
--   Writes     invoice; event and relance by its triggers
--   Raises     RB401, RB404
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
begin
  perform rubis.lock_invoice(v_actor.organization_id, p_invoice_id);
  update rubis.invoice as i
     set paused_until = null, pause_reason = null
   where i.organization_id = v_actor.organization_id and i.invoice_id = p_invoice_id
     and i.paused_until is not null;
  return rubis.invoice_document(v_actor.organization_id, p_invoice_id);
end;
$$;
comment on function api.resume_invoice(bytea, bigint) is
  'End the pause of an invoice. RB401, RB404.';
