create or replace function rubis.cancel_relances(p_organization_id bigint, p_invoice_id bigint, p_reason text)
returns void
language sql volatile
set search_path = ''
as $$
-- No reminder for an invoice that is settled. One that is being sent at this moment cannot be called back.
--   Called by  rubis.stop_awaiting
--   Writes     relance
  update rubis.relance as r
     set status = 'cancelled', next_attempt_at = null, lease_expires_at = null,
         cancelled_at = rubis.clock(), cancel_reason = p_reason
   where r.organization_id = p_organization_id and r.invoice_id = p_invoice_id
     and r.status in ('scheduled', 'held', 'queued', 'unconfirmed');
$$;
comment on function rubis.cancel_relances(bigint, bigint, text) is 'Cancel the relance ahead of an invoice, if any.';
