create or replace function rubis.await_payment(p_invoice rubis.invoice, p_reason text)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Schedule the check-in of an open invoice and, after it, the relance.
--   Called by  rubis.invoice_effects
--   Writes     checkin_task, relance
begin
  perform rubis.schedule_checkin(p_invoice.organization_id, p_invoice.invoice_id, p_reason);
  perform rubis.drop_outdated_relance(p_invoice);
  perform rubis.schedule_relance(p_invoice.organization_id, p_invoice.invoice_id);
end;
$$;
comment on function rubis.await_payment(rubis.invoice, text) is
  'Schedule the check-in and the relance of an open invoice.';
