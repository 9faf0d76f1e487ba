create or replace function rubis.today_money(p_organization_id bigint)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- The money that the page Today shows beside its lists: what is owed, by age, and what was received
-- in this month.
--   Called by  api.show_today
  with month as materialized (
    select date_trunc('month', rubis.clock() at time zone o.time_zone)::date as first_day,
           (rubis.clock() at time zone o.time_zone)::date as today
      from rubis.organization as o where o.organization_id = p_organization_id
  )
  select jsonb_build_object(
    'owed', (
      select coalesce(jsonb_agg(to_jsonb(w)), '[]') from rubis.owed_by_age(p_organization_id) as w),
    'month', m.first_day,
    'received', (
      select coalesce(jsonb_agg(jsonb_build_object(
               'currency', r.currency, 'received_cents', r.received_cents,
               'invoices', r.invoices) order by r.invoices desc, r.currency), '[]')
        from rubis.received_by_month(p_organization_id, m.first_day, m.today) as r))
    from month as m;
$$;
comment on function rubis.today_money(bigint) is
  'What is owed, in each currency and age, and received this month, as JSON: {owed, month, '
  'received}.';
