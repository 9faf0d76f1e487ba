create or replace function rubis.invoices_in_brief(
  p_organization_id bigint, p_invoice_ids bigint[], out first jsonb, out amounts jsonb
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- What a page says of several invoices in one line: the one that is due first, and the sums.
--   Called by  rubis.coming_steps
begin
  select rubis.invoice_summary(i, (rubis.clock() at time zone o.time_zone)::date) into first
    from rubis.invoice as i
    join rubis.organization as o on o.organization_id = i.organization_id
   where i.organization_id = p_organization_id and i.invoice_id = any (p_invoice_ids)
   order by i.due_on, i.invoice_id limit 1;
  select jsonb_agg(jsonb_build_object('currency', s.currency, 'amount_cents', s.cents)
           order by s.cents desc, s.currency)
    into amounts
    from (
      select i.currency, sum(i.amount_cents) as cents
        from rubis.invoice as i
       where i.organization_id = p_organization_id and i.invoice_id = any (p_invoice_ids)
       group by i.currency) as s;
end;
$$;
comment on function rubis.invoices_in_brief(bigint, bigint[]) is
  'Of several invoices: the one due first, and what they are in each currency, as JSON.';
