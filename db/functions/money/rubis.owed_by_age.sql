create or replace function rubis.owed_by_age(p_organization_id bigint)
returns table (
  currency text, owed_cents bigint, overdue_cents bigint, ages bigint[], invoices bigint,
  overdue_invoices bigint
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Sum what the open invoices are owed, in each currency, and by how many days they are late: not
-- yet due, 1 to 30, 31 to 60, 61 to 90, more than 90. An invoice is late from the day after its due
-- date. Samples
-- do not count. It reads one index alone.
--   Called by  rubis.today_money
declare
  v_today date;
begin
  select (rubis.clock() at time zone o.time_zone)::date into strict v_today
    from rubis.organization as o where o.organization_id = p_organization_id;
  return query
  select i.currency::text, sum(i.amount_cents)::bigint,
         coalesce(sum(i.amount_cents) filter (where i.due_on < v_today), 0)::bigint,
         array[
           coalesce(sum(i.amount_cents) filter (where i.due_on >= v_today), 0),
           coalesce(sum(i.amount_cents) filter (
             where i.due_on between v_today - 30 and v_today - 1), 0),
           coalesce(sum(i.amount_cents) filter (
             where i.due_on between v_today - 60 and v_today - 31), 0),
           coalesce(sum(i.amount_cents) filter (
             where i.due_on between v_today - 90 and v_today - 61), 0),
           coalesce(sum(i.amount_cents) filter (where i.due_on < v_today - 90), 0)]::bigint[],
         count(*), count(*) filter (where i.due_on < v_today)
    from rubis.invoice as i
   where i.organization_id = p_organization_id and i.status = 'open' and not i.is_sample
   group by i.currency
   order by count(*) desc, i.currency;
end;
$$;
comment on function rubis.owed_by_age(bigint) is
  'What is owed in each currency, the most used first: of it overdue, and in five ages: not due, 1 '
  'to 30 days late, 31 to 60, 61 to 90, more; with how many invoices.';
