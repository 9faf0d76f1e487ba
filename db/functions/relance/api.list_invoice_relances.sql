create or replace function api.list_invoice_relances(p_access_token_hash bytea, p_invoice_id bigint)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- List the relances of an invoice: those that ended, the one ahead with its moment or its reason to
-- wait, and the forecast.
--   Called by  app/api/routes/invoices.py
--   Writes     by rubis.plan_beside what is outdated
--   Raises     RB401, RB404
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
begin
  perform rubis.check_invoice(v_actor.organization_id, p_invoice_id);
  perform rubis.plan_beside(v_actor.organization_id, p_invoice_id);
  return rubis.relances_document(v_actor.organization_id, p_invoice_id);
end;
$$;
comment on function api.list_invoice_relances(bytea, bigint) is
  'The relances of an invoice: {ahead, forecast, past}. RB401, RB404.';
