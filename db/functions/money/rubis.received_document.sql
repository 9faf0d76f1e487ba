create or replace function rubis.received_document(p_organization_id bigint)
returns table (currency text, received jsonb, average_days_late numeric)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- What was received in this month and the eleven before it, in each currency, and how many days
-- after they were due these invoices were paid on average.
--   Called by  api.show_money
declare
  v_today date := rubis.today(p_organization_id);
  v_from date := (date_trunc('month', v_today::timestamp) - interval '11 months')::date;
begin
  return query
  with paid as materialized (
    select r.* from rubis.received_by_month(p_organization_id, v_from, v_today) as r
  )
  select c.currency,
         jsonb_agg(jsonb_build_object(
           'month', to_char(m.month, 'YYYY-MM'), 'invoices', coalesce(p.invoices, 0),
           'amount_cents', coalesce(p.received_cents, 0)) order by m.month),
         round(sum(p.days_late) / sum(p.invoices), 1)
    from (select distinct d.currency from paid as d) as c
   cross join generate_series(v_from::timestamp, v_today, interval '1 month') as m (month)
    left join paid as p on p.currency = c.currency and p.month = m.month::date
   group by c.currency;
end;
$$;
comment on function rubis.received_document(bigint) is
  'What was received in 12 months per currency: by month as JSON, and the average days late.';
