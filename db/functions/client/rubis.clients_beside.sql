create or replace function rubis.clients_beside(p_organization_id bigint, p_invoice_id bigint)
returns bigint[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Find whose invoices a letter about an invoice may name too: its client, and those of the same
-- address.
--   Called by  rubis.relances_beside, rubis.plan_beside
  select rubis.clients_reached(c.organization_id, array[c.client_id], array[c.email])
    from rubis.invoice as i
    join rubis.client as c
      on c.organization_id = i.organization_id
     and c.client_id = rubis.live_client_id(i.organization_id, i.client_id)
   where i.organization_id = p_organization_id and i.invoice_id = p_invoice_id;
$$;
comment on function rubis.clients_beside(bigint, bigint) is
  'The client_ids of the client of an invoice and of all with the same address.';
