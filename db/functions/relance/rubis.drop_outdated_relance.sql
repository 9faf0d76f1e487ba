create or replace function rubis.drop_outdated_relance(p_invoice rubis.invoice)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Cancel the relance ahead of a changed invoice if it is to another client, or if it may have left
-- in what is now an earlier term. One that is queued is no longer: it is scheduled again. One that
-- is being sent stays: its last word, or its fate, decides.
--   Called by  rubis.await_payment
--   Writes     relance
  update rubis.relance as r
     set status = 'cancelled', next_attempt_at = null, lease_expires_at = null, hold_reason = null,
         cancelled_at = rubis.clock(), cancel_reason = 'another client or a new term'
   where r.organization_id = p_invoice.organization_id and r.invoice_id = p_invoice.invoice_id
     and r.status in ('scheduled', 'held', 'queued', 'unconfirmed')
     and (
       not rubis.is_same_client(r.organization_id, r.client_id, p_invoice.client_id)
       or exists (
         select from rubis.relance_mail as m
          where m.organization_id = r.organization_id and m.relance_id = r.relance_id
            and m.failure_class = 'unknown'
            and not rubis.relance_counts(p_invoice, r.client_id, m.attempted_at)));
  update rubis.relance as r
     set status = 'scheduled', next_attempt_at = rubis.clock(), lease_expires_at = null
   where r.organization_id = p_invoice.organization_id and r.invoice_id = p_invoice.invoice_id
     and r.status = 'queued';
$$;
comment on function rubis.drop_outdated_relance(rubis.invoice) is
  'Cancel the relance ahead of an invoice if it is to another client or may have left in an '
  'earlier term; take a queued one back.';
