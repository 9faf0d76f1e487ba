create or replace function rubis.stop_awaiting(p_invoice rubis.invoice)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- A settled invoice is neither asked about nor chased.
--   Called by  rubis.invoice_effects
--   Writes     checkin_task, relance
begin
  perform rubis.cancel_checkins(p_invoice.organization_id, p_invoice.invoice_id, 'invoice ' || p_invoice.status);
  perform rubis.cancel_relances(p_invoice.organization_id, p_invoice.invoice_id, 'invoice ' || p_invoice.status);
end;
$$;
comment on function rubis.stop_awaiting(rubis.invoice) is 'Cancel the live check-in and the relance ahead of a settled invoice.';
