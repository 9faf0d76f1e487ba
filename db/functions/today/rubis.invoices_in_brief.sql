create or replace function rubis.invoices_in_brief(
  p_organization_id bigint, p_invoice_ids bigint[], out first jsonb, out amounts jsonb
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- What a page says of several invoices in one line: the one that is due first, and the sums.
-- Each is looked up by its key (limit 1).
--   Called by  rubis.coming_steps
begin
  with listed as materialized (
    select i
      from unnest(p_invoice_ids) as a (invoice_id)
     cross join lateral (
       select v from rubis.invoice as v
        where v.organization_id = p_organization_id and v.invoice_id = a.invoice_id
        limit 1) as l (i)
  )
  select (
      select rubis.invoice_summary(l.i, (rubis.clock() at time zone o.time_zone)::date)
        from listed as l
       cross join rubis.organization as o
       where o.organization_id = p_organization_id
       order by (l.i).due_on, (l.i).invoice_id limit 1),
    (
      select jsonb_agg(jsonb_build_object('currency', s.currency, 'amount_cents', s.cents)
               order by s.cents desc, s.currency)
        from (
          select (l.i).currency, sum((l.i).amount_cents) as cents
            from listed as l group by (l.i).currency) as s)
    into first, amounts;
end;
$$;
comment on function rubis.invoices_in_brief(bigint, bigint[]) is
  'Of several invoices: the one due first, and what they are in each currency, as JSON.';
