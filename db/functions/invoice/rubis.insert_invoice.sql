create or replace function rubis.insert_invoice(
  p_actor rubis.actor, p_client_id bigint,
  p_number text, p_issued_on date, p_due_on date, p_amount_cents bigint, p_currency text
)
returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Insert an open invoice, due by the client's terms if no due date is given. If its number is in
-- use, the error names the invoice that has it.
--   Called by  api.create_invoice, rubis.validate_draft
--   Writes     invoice; the rest by triggers
--   Raises     RB409 invoice__number, RB422 invoice__due_on
declare
  v_due_on date := coalesce(
    p_due_on, rubis.due_on_by_terms(p_actor.organization_id, p_client_id, p_issued_on));
  v_invoice_id bigint;
begin
  if p_due_on < p_issued_on then
    raise exception using errcode = 'RB422', constraint = 'invoice__due_on', column = 'due_on',
      message = 'due_on must not be before issued_on';
  end if;
  insert into rubis.invoice as i (
    organization_id, client_id, user_id, number, issued_on, due_on, amount_cents, currency)
  values (
    p_actor.organization_id, p_client_id, p_actor.user_id, p_number, p_issued_on, v_due_on,
    p_amount_cents, p_currency)
  on conflict (organization_id, rubis.key(number)) where status <> 'cancelled' do nothing
  returning i.invoice_id into v_invoice_id;
  if not found then
    perform rubis.raise_number_in_use(p_actor.organization_id, p_number);
  end if;
  return v_invoice_id;
end;
$$;
comment on function rubis.insert_invoice(rubis.actor, bigint, text, date, date, bigint, text) is
  'Insert an open invoice issued by the actor, without p_due_on by the terms; returns its '
  'invoice_id. RB409, RB422.';
