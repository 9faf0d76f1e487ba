create or replace function rubis.client_debts(
  p_organization_id bigint, p_today date, out client_id bigint, out owed jsonb,
  out open_invoices bigint, out most_cents bigint, out days_late int
)
returns setof record
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- What each client owes, and those merged into it, per currency. Samples do not count.
-- It reads an index alone.
--   Called by  api.list_clients
  with named as (
    select i.client_id, i.currency, count(*) as invoices, sum(i.amount_cents) as cents,
           min(i.due_on) as first_due
      from rubis.invoice as i
     where i.organization_id = p_organization_id and i.status = 'open' and not i.is_sample
     group by i.client_id, i.currency
  ),

  sums as (
    select coalesce(c.merged_into_client_id, c.client_id) as client_id, n.currency,
           sum(n.invoices) as invoices, sum(n.cents) as cents, min(n.first_due) as first_due
      from named as n
      join rubis.client as c
        on c.organization_id = p_organization_id and c.client_id = n.client_id
     group by 1, n.currency
  )

  select s.client_id,
         jsonb_agg(jsonb_build_object(
           'currency', s.currency, 'invoices', s.invoices, 'amount_cents', s.cents)
           order by s.cents desc, s.currency),
         sum(s.invoices)::bigint, max(s.cents)::bigint, greatest(p_today - min(s.first_due), 0)
    from sums as s
   group by s.client_id;
$$;
comment on function rubis.client_debts(bigint, date) is
  'What each client that owes owes: sums per currency as JSON, the largest of them, the number of '
  'open invoices, the days the oldest is late.';
