create or replace function rubis.received_by_month(
  p_organization_id bigint, p_from date, p_until date
)
returns table (
  currency text, month date, received_cents bigint, invoices bigint, days_late bigint
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Sum what was received in the local days from p_from to p_until, in each currency and month: the
-- invoices that were paid, by when they were. Samples do not count. It reads one index alone.
--   Called by  rubis.today_money, rubis.received_document
declare
  v_zone text;
begin
  select o.time_zone into strict v_zone
    from rubis.organization as o where o.organization_id = p_organization_id;
  return query
  select p.currency::text, p.month, sum(p.amount_cents)::bigint, count(*), sum(p.days_late)::bigint
    from (
      select i.currency, i.amount_cents,
             (i.paid_at at time zone v_zone)::date - i.due_on as days_late,
             date_trunc('month', i.paid_at at time zone v_zone)::date as month
        from rubis.invoice as i
       where i.organization_id = p_organization_id and i.status = 'paid'
         and not i.is_sample
         and i.paid_at >= p_from::timestamp at time zone v_zone
         and i.paid_at < (p_until + 1)::timestamp at time zone v_zone) as p
   group by p.currency, p.month
   order by p.month, p.currency;
end;
$$;
comment on function rubis.received_by_month(bigint, date, date) is
  'What was received between two local days, in each currency and month (its first day), and how '
  'many days late in sum; a month without payment has no row.';
