create or replace function rubis.count_invoices(
  p_organization_id bigint, p_today date, p_view text, p_client_ids bigint[], p_found bigint[]
)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set enable_bitmapscan = off
as $$
-- Count the invoices of each view, and add up the amounts of one, but of samples. It reads an
-- index alone, where PostgreSQL 16 would rather read the rows by a bitmap; for "+ 0" see
-- rubis.find_invoices. Invoices between the same two days at which a view begins or ends are
-- counted together: they are in the same views.
--   Called by  api.list_invoices
  with edge as materialized (
    select array_agg(d.day order by d.day) as days
      from (
        select v.due_from as day from rubis.invoice_views(p_today) as v where isfinite(v.due_from)
         union
        select v.due_until + 1 from rubis.invoice_views(p_today) as v where isfinite(v.due_until)
      ) as d
  ),

  matched as materialized (
    select i.status, min(i.due_on) as due_on, i.currency, count(*) as invoices,
           count(*) filter (where not i.is_sample) as summed,
           sum(i.amount_cents) filter (where not i.is_sample) as cents
      from rubis.invoice as i
     where i.organization_id = p_organization_id and i.removed_at is null
       and (p_client_ids is null or i.client_id = any (p_client_ids))
       and (p_found is null or (i.invoice_id + 0) = any (p_found))
     group by i.status, i.currency, width_bucket(i.due_on::date, (select e.days from edge as e))
  ),

  shown as materialized (
    select v.view_name, m.currency, sum(m.invoices) as invoices, sum(m.summed) as summed,
           sum(m.cents) as cents
      from rubis.invoice_views(p_today) as v
      left join matched as m
        on (v.of_status is null or m.status = v.of_status)
       and m.due_on between v.due_from and v.due_until
     group by v.view_name, m.currency
  )

  select jsonb_build_object(
    'sums', (
      select coalesce(jsonb_agg(jsonb_build_object(
          'currency', s.currency, 'invoices', s.summed, 'amount_cents', s.cents)
          order by s.summed desc, s.currency), '[]')
        from shown as s where s.view_name = p_view and s.summed > 0),
    'counts', (
      select jsonb_object_agg(n.view_name, n.invoices) from (
        select s.view_name, coalesce(sum(s.invoices), 0) as invoices
          from shown as s group by s.view_name) as n));
$$;
comment on function rubis.count_invoices(bigint, date, text, bigint[], bigint[]) is
  'As JSON: sums of a view, per currency, and counts of all views.';
