create or replace function rubis.restore_unconfirmed(p_organization_id bigint, p_invoice_id bigint)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Make the last relance of a reopened invoice unconfirmed again, if it was cancelled while its fate
-- was unknown: the user decides, as before the invoice was settled. Otherwise the same step would
-- be sent a second time.
--   Called by  rubis.await_payment_again
--   Writes     relance
  update rubis.relance as r
     set status = 'unconfirmed', cancelled_at = null, cancel_reason = null
   where r.organization_id = p_organization_id and r.status = 'cancelled'
     and r.relance_id = (
       select max(l.relance_id) from rubis.relance as l
        where l.organization_id = p_organization_id and l.invoice_id = p_invoice_id)
     and 'unknown' = (
       select m.failure_class from rubis.relance_mail as m
        where m.organization_id = p_organization_id and m.relance_id = r.relance_id
        order by m.relance_mail_id desc limit 1);
$$;
comment on function rubis.restore_unconfirmed(bigint, bigint) is
  'Make the last relance of an invoice unconfirmed again, if it was cancelled while its fate was '
  'unknown.';
