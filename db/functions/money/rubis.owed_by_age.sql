create or replace function rubis.owed_by_age(
  p_organization_id bigint, p_client_ids bigint[] default null
)
returns table (
  currency text, owed_cents bigint, overdue_cents bigint, ages bigint[], invoices bigint,
  overdue_invoices bigint, age_invoices bigint[]
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
-- Sum what the open invoices are owed, of all clients or of some, in each currency, and by how many
-- days they are late: not yet due, 1 to 30, 31 to 60, 61 to 90, more than 90. An invoice is late
-- from the day after its due date. Samples do not count. Of all, it reads one index alone.
--   Called by  rubis.today_money, rubis.owed_document
declare
  v_today date := rubis.today(p_organization_id);
begin
  return query
  select a.currency, sum(a.cents)::bigint,
         coalesce(sum(a.cents) filter (where a.age > 0), 0)::bigint,
         array(select coalesce(sum(c) filter (where g = age), 0)::bigint
                 from unnest(array_agg(a.age), array_agg(a.cents)) as u (g, c)
                right join generate_series(0, 4) as age on true group by age order by age),
         sum(a.number)::bigint, coalesce(sum(a.number) filter (where a.age > 0), 0)::bigint,
         array(select coalesce(sum(n) filter (where g = age), 0)::bigint
                 from unnest(array_agg(a.age), array_agg(a.number)) as u (g, n)
                right join generate_series(0, 4) as age on true group by age order by age)
    from (
      select i.currency::text, width_bucket(v_today - i.due_on, array[1, 31, 61, 91]) as age,
             sum(i.amount_cents) as cents, count(*) as number
        from rubis.invoice as i
       where i.organization_id = p_organization_id and i.status = 'open' and not i.is_sample
         and (p_client_ids is null or i.client_id = any (p_client_ids))
       group by 1, 2) as a
   group by a.currency
   order by sum(a.number) desc, a.currency;
end;
$$;
comment on function rubis.owed_by_age(bigint, bigint[]) is
  'What is owed in each currency, the most used first: of it overdue, and in five ages: not due, 1 '
  'to 30 days late, 31 to 60, 61 to 90, more; with how many invoices, also of each age.';
