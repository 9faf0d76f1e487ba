create or replace function rubis.take_back_rubis(p_invoice rubis.invoice, p_was text)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Record that an invoice was reopened. If it was paid, take back the rubis of its last payment.
--   Called by  rubis.invoice_effects
--   Writes     activity_event, rubis_entry
declare
  v_event_id bigint := rubis.add_invoice_event(
    p_invoice, 'invoice_reopened', 'was ' || p_was,
    jsonb_strip_nulls(jsonb_build_object(
      'reason', nullif(current_setting('rubis.reason', true), ''))));
begin
  if p_was = 'paid' then
    insert into rubis.rubis_entry (
      organization_id, invoice_id, delta, activity_event_id, reverses_rubis_entry_id)
    select e.organization_id, e.invoice_id, -1, v_event_id, e.rubis_entry_id
      from rubis.rubis_entry as e
     where e.organization_id = p_invoice.organization_id and e.invoice_id = p_invoice.invoice_id
       and e.delta = 1
     order by e.rubis_entry_id desc limit 1;
  end if;
end;
$$;
comment on function rubis.take_back_rubis(rubis.invoice, text) is
  'Write invoice_reopened and, if p_was is paid, minus one rubis for the last payment.';
