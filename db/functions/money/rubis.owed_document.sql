create or replace function rubis.owed_document(
  p_organization_id bigint, p_client_ids bigint[] default null
)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- What is owed, by all clients or by some, as the API shows it: with a name for each age.
--   Called by  api.show_client, api.show_statement, api.show_money
  select coalesce(jsonb_agg(jsonb_build_object(
      'currency', w.currency, 'invoices', w.invoices, 'owed_cents', w.owed_cents,
      'overdue_cents', w.overdue_cents,
      'ages', (
        select jsonb_agg(jsonb_build_object(
            'age', k.age, 'invoices', w.age_invoices[k.place], 'amount_cents', w.ages[k.place])
            order by k.place)
          from unnest(array['not_due', '1_30', '31_60', '61_90', 'over_90'])
            with ordinality as k (age, place)))
      order by w.owed_cents desc, w.currency), '[]')
    from rubis.owed_by_age(p_organization_id, p_client_ids) as w;
$$;
comment on function rubis.owed_document(bigint, bigint[]) is
  'What is owed in each currency, as JSON: {currency, invoices, owed_cents, overdue_cents, ages}.';
