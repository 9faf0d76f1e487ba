create or replace function rubis.await_payment_again(p_invoice rubis.invoice)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Ask again about a reopened invoice and schedule its next relance. A question that is under way
-- stays: an answer that is taken back opens it again before the invoice is reopened. Steps already
-- sent are not sent again. If it is unknown whether the last relance arrived, the user decides, as
-- before. The payment no longer stands, so no receipt of it is mailed.
--   Called by  rubis.invoice_effects
--   Writes     checkin_task, relance
begin
  update rubis.checkin_task as t
     set receipt_at = null
   where t.organization_id = p_invoice.organization_id and t.invoice_id = p_invoice.invoice_id
     and t.receipt_at is not null;
  if not exists (
    select from rubis.checkin_task as t
     where t.organization_id = p_invoice.organization_id and t.invoice_id = p_invoice.invoice_id
       and t.status in ('scheduled', 'held', 'sending', 'sent')
  ) then
    perform rubis.schedule_checkin(
      p_invoice.organization_id, p_invoice.invoice_id, 'invoice reopened');
  end if;
  perform rubis.restore_unconfirmed(p_invoice);
  perform rubis.schedule_relance(p_invoice.organization_id, p_invoice.invoice_id);
end;
$$;
comment on function rubis.await_payment_again(rubis.invoice) is
  'Schedule the relance of a reopened invoice, and a check-in unless one is under way.';
