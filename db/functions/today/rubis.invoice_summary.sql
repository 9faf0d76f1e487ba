create or replace function rubis.invoice_summary(p_invoice rubis.invoice, p_today date)
returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- An invoice in a line of a page. days_late counts from the day after the due date: it is zero or
-- less before.
--   Called by  rubis.waiting_questions, rubis.held_letters, rubis.undecided_letters,
--              rubis.ending_pauses
begin
  return (
    select jsonb_build_object(
      'invoice_id', p_invoice.invoice_id, 'number', p_invoice.number,
      'client', jsonb_build_object('client_id', c.client_id, 'name', c.name),
      'amount_cents', p_invoice.amount_cents, 'currency', p_invoice.currency,
      'due_on', p_invoice.due_on, 'is_sample', p_invoice.is_sample,
      'days_late', p_today - p_invoice.due_on)
      from rubis.client as c
     where c.organization_id = p_invoice.organization_id
       and c.client_id = rubis.live_client_id(p_invoice.organization_id, p_invoice.client_id));
end;
$$;
comment on function rubis.invoice_summary(rubis.invoice, date) is
  'An invoice in a line, as JSON: invoice_id, number, client, amount_cents, currency, due_on, '
  'is_sample, days_late.';
