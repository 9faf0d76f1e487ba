create or replace function rubis.last_relance(p_organization_id bigint, p_invoice_id bigint)
returns rubis.relance
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Find the last step that was sent. The next step keeps its distance from it, and no sent step is
-- sent again.
--   Called by  rubis.schedule_relance
  select r.*
    from rubis.relance as r
   where r.organization_id = p_organization_id and r.invoice_id = p_invoice_id and r.status = 'sent'
   order by r.step desc, r.sent_at desc, r.relance_id desc limit 1;
$$;
comment on function rubis.last_relance(bigint, bigint) is
  'The relance of the last step of an invoice that was sent; null if none was.';
