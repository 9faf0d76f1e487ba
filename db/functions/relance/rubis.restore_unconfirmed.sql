create or replace function rubis.restore_unconfirmed(p_invoice rubis.invoice)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Make the last relance of a reopened invoice unconfirmed again, if it was cancelled while its fate
-- was unknown: the user decides, as before the invoice was settled. Otherwise the same step would
-- be sent a second time. One to another client or of an earlier term stays cancelled.
--   Called by  rubis.await_payment_again
--   Writes     relance
  update rubis.relance as r
     set status = 'unconfirmed', cancelled_at = null, cancel_reason = null
   where r.organization_id = p_invoice.organization_id and r.status = 'cancelled'
     and r.relance_id = (
       select max(l.relance_id) from rubis.relance as l
        where l.organization_id = p_invoice.organization_id
          and l.invoice_id = p_invoice.invoice_id)
     and (
       select x.withdrawn_at is null and a.failure_class = 'unknown'
              and rubis.relance_counts(p_invoice, r.client_id, a.attempted_at)
         from rubis.mail_item as x
         join rubis.mail_attempt as a
           on a.organization_id = x.organization_id and a.mail_id = x.mail_id
          and a.attempt = x.attempt
        where x.organization_id = p_invoice.organization_id and x.relance_id = r.relance_id
        order by a.attempted_at desc, a.mail_id desc, a.attempt desc limit 1);
$$;
comment on function rubis.restore_unconfirmed(rubis.invoice) is
  'Make the last relance of an invoice unconfirmed again, if it was cancelled while its fate was '
  'unknown.';
