create or replace function rubis.last_relance(p_invoice rubis.invoice)
returns rubis.relance
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Find the last step that was sent to the invoice's client in its term. The next step keeps its
-- distance from it, and no sent step is sent again.
--   Called by  rubis.schedule_relance
  select r.*
    from rubis.relance as r
   where r.organization_id = p_invoice.organization_id and r.invoice_id = p_invoice.invoice_id
     and r.status = 'sent'
     and rubis.relance_counts(p_invoice, r.client_id, r.sent_at)
   order by r.step desc, r.sent_at desc, r.relance_id desc limit 1;
$$;
comment on function rubis.last_relance(rubis.invoice) is
  'The relance of the last step sent to the client of an invoice in its term; null if none was.';
