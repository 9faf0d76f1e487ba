create or replace function rubis.drop_outdated_relance(p_invoice rubis.invoice)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Cancel the relance ahead of a changed invoice if it is to another client, or if it may have left
-- in what is now an earlier term. One that is being sent stays: its last word, or its fate,
-- decides.
--   Called by  rubis.await_payment
--   Writes     relance
  update rubis.relance as r
     set status = 'cancelled', next_look_at = null, hold_reason = null,
         cancelled_at = rubis.clock(), cancel_reason = 'another client or a new term'
   where r.organization_id = p_invoice.organization_id and r.invoice_id = p_invoice.invoice_id
     and r.status in ('scheduled', 'held', 'unconfirmed')
     and (
       not rubis.is_same_client(r.organization_id, r.client_id, p_invoice.client_id)
       or exists (
         select from rubis.mail_item as x
           join rubis.mail_attempt as a
             on a.organization_id = x.organization_id and a.mail_id = x.mail_id
            and a.attempt = x.attempt
          where x.organization_id = r.organization_id and x.relance_id = r.relance_id
            and x.withdrawn_at is null and a.failure_class = 'unknown'
            and not rubis.relance_counts(p_invoice, r.client_id, a.attempted_at)));
$$;
comment on function rubis.drop_outdated_relance(rubis.invoice) is
  'Cancel the relance ahead of an invoice if it is to another client or may have left in an '
  'earlier term.';
