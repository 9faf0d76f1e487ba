create or replace function rubis.add_invoice_event(
  p_invoice rubis.invoice, p_kind text, p_label text default null, p_data jsonb default '{}'
)
returns bigint
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Write an activity event about an invoice.
--   Called by  rubis.invoice_effects, rubis.take_back_rubis
--   Writes     activity_event
  insert into rubis.activity_event (organization_id, kind, label, invoice_id, data)
  values (p_invoice.organization_id, p_kind, p_label, p_invoice.invoice_id, p_data)
  returning activity_event_id;
$$;
comment on function rubis.add_invoice_event(rubis.invoice, text, text, jsonb) is
  'Write an activity event about an invoice; returns its activity_event_id.';
