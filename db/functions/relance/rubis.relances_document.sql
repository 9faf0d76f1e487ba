create or replace function rubis.relances_document(p_organization_id bigint, p_invoice_id bigint)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- The relances of an invoice as the API shows them: those that ended, the one ahead with its moment
-- or its reason to wait, and the forecast.
--   Called by  api.list_invoice_relances, api.show_invoice, and the functions that change a relance
  with ahead as materialized (
    select r as relance, f.leaves_at, f.reason, f.asks_at
      from rubis.relance as r
     cross join lateral rubis.letter_ahead(r) as f
     where r.organization_id = p_organization_id and r.invoice_id = p_invoice_id
       and r.status in ('scheduled', 'held', 'sending', 'unconfirmed')
  )
  select jsonb_build_object(
    'ahead', (
      select rubis.relance_document(a.relance)
             || jsonb_build_object(
               'asks_at', a.asks_at, 'leaves_at', a.leaves_at, 'reason', a.reason)
        from ahead as a),
    'forecast', (
      select coalesce(jsonb_agg(to_jsonb(f) order by f.step), '[]')
        from ahead as a
       cross join lateral rubis.relance_forecast(
         a.relance, a.leaves_at, a.reason, a.asks_at) as f),
    'past', (
      select coalesce(jsonb_agg(
               rubis.relance_document(r) || jsonb_build_object(
                 'counts',
                 r.status = 'sent' and rubis.relance_counts(i, r.client_id, r.sent_at))
               order by r.relance_id), '[]')
        from rubis.relance as r
        join rubis.invoice as i
          on i.organization_id = r.organization_id and i.invoice_id = r.invoice_id
       where r.organization_id = p_organization_id and r.invoice_id = p_invoice_id
         and r.status in ('sent', 'failed', 'cancelled')));
$$;
comment on function rubis.relances_document(bigint, bigint) is
  'The relances of an invoice as JSON: {ahead (with asks_at, leaves_at and reason) or null, '
  'forecast: [...], past: [...]}; counts: whether the plan goes on from a past one.';
