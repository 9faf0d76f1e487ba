create or replace function rubis.await_payment_again(p_invoice rubis.invoice)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Schedule the next relance of a reopened invoice, and a check-in unless the last one was answered.
-- An answer of paid that was undone counts as pending. Steps already sent are not sent again. If it
-- is unknown whether the last relance arrived, the user decides, as before.
--   Called by  rubis.invoice_effects
--   Writes     checkin_task, relance
begin
  if 'answered' is distinct from (
    select t.status from rubis.checkin_task as t
     where t.organization_id = p_invoice.organization_id and t.invoice_id = p_invoice.invoice_id
     order by t.checkin_task_id desc limit 1
  ) then
    perform rubis.schedule_checkin(
      p_invoice.organization_id, p_invoice.invoice_id, 'invoice reopened');
  end if;
  perform rubis.restore_unconfirmed(p_invoice.organization_id, p_invoice.invoice_id);
  perform rubis.schedule_relance(p_invoice.organization_id, p_invoice.invoice_id);
end;
$$;
comment on function rubis.await_payment_again(rubis.invoice) is
  'Schedule the relance of a reopened invoice, and a check-in unless its last one was answered.';
