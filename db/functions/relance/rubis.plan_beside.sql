create or replace function rubis.plan_beside(p_organization_id bigint, p_invoice_id bigint)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Plan an invoice again that is outdated, and those whose relance its letter may say with it,
-- before the letter is shown. It waits for no lock.
--   Called by  api.get_invoice, api.list_invoice_relances, api.preview_relance,
--              api.forecast, api.show_invoice
--   Writes     what rubis.plan_up_to_date writes
declare
  v_client_ids bigint[] := rubis.clients_beside(p_organization_id, p_invoice_id);
begin
  perform rubis.plan_up_to_date(p_organization_id, array(
    select i.invoice_id
      from rubis.invoice as i
      left join rubis.relance as r
        on r.organization_id = i.organization_id and r.invoice_id = i.invoice_id
       and r.status in ('scheduled', 'held')
     where i.organization_id = p_organization_id and i.status = 'open'
       and i.client_id = any (v_client_ids)
     -- As many as rubis.relances_beside looks at.
     order by i.invoice_id <> p_invoice_id, r.scheduled_at, r.relance_id
     limit 200));
end;
$$;
comment on function rubis.plan_beside(bigint, bigint) is
  'Plan an invoice again, and those beside it in its letter, if they are outdated and no one '
  'holds them.';
