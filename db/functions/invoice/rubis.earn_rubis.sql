create or replace function rubis.earn_rubis(p_invoice rubis.invoice)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
-- A paid invoice: the event, and the rubis that it earns.
--   Called by  rubis.invoice_effects
--   Writes     activity_event, rubis_entry
  with paid as (
    insert into rubis.activity_event (organization_id, kind, label, invoice_id)
    values (
      p_invoice.organization_id, 'invoice_paid',
      case p_invoice.paid_via when 'manual' then 'manual' else 'via ' || p_invoice.paid_via end, p_invoice.invoice_id)
    returning activity_event_id
  )
  insert into rubis.rubis_entry (organization_id, invoice_id, delta, activity_event_id)
  select p_invoice.organization_id, p_invoice.invoice_id, 1, e.activity_event_id from paid as e;
$$;
comment on function rubis.earn_rubis(rubis.invoice) is 'Write invoice_paid, labelled by paid_via, and one rubis for it.';
