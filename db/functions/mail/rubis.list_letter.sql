create or replace function rubis.list_letter(p_organization_id bigint, p_client_ids bigint[])
returns bigint[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- List the invoices of some clients whose relance is due, without a lock. A letter names at most
-- 200, the oldest first.
--   Called by  rubis.begin_letter
  select coalesce(array_agg(l.invoice_id order by l.invoice_id), '{}')
    from (
      select r.invoice_id
        from rubis.relance as r
        join rubis.invoice as i
          on i.organization_id = r.organization_id and i.invoice_id = r.invoice_id
       where r.organization_id = p_organization_id and i.client_id = any (p_client_ids)
         and r.client_id = any (p_client_ids)
         and r.status = 'scheduled' and r.scheduled_at <= rubis.clock()
       order by r.tone <> 'formal_notice', i.due_on, r.relance_id
       limit 200) as l;
$$;
comment on function rubis.list_letter(bigint, bigint[]) is
  'invoice_ids of at most 200 invoices of these clients that are due for a relance, in key order.';
