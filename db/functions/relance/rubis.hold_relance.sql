create or replace function rubis.hold_relance(
  p_organization_id bigint, p_invoice_id bigint, p_reason text
)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Hold the relance ahead of an invoice until p_reason no longer applies. One that is being sent
-- cannot be called back.
--   Called by  rubis.note_said_paid
--   Writes     relance
  update rubis.relance as r
     set status = 'held', hold_reason = p_reason, next_look_at = null
   where r.organization_id = p_organization_id and r.invoice_id = p_invoice_id
     and r.status = 'scheduled';
$$;
comment on function rubis.hold_relance(bigint, bigint, text) is
  'Hold the relance ahead of an invoice, with the reason.';
