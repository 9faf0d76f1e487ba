create or replace function api.show_money(p_access_token_hash bytea)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Show the money of an organization, per currency: owed, overdue, by age, received by month.
--   Called by  app/api/routes/money.py, app/web/pages/money.py
--   Raises     RB401
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
begin
  return jsonb_build_object(
    'on', rubis.today(v_actor.organization_id),
    'currencies', (
      select coalesce(jsonb_agg(jsonb_build_object(
          'currency', coalesce(w.currency, r.currency),
          'open_invoices', coalesce(w.invoices, 0), 'owed_cents', coalesce(w.owed_cents, 0),
          'overdue_cents', coalesce(w.overdue_cents, 0), 'ages', coalesce(w.ages, '[]'),
          'received', coalesce(r.received, '[]'), 'average_days_late', r.average_days_late)
          order by coalesce(w.owed_cents, 0) desc, coalesce(w.currency, r.currency)), '[]')
        from jsonb_to_recordset(rubis.owed_document(v_actor.organization_id)) as w (
          currency text, invoices bigint, owed_cents bigint, overdue_cents bigint, ages jsonb)
        full join rubis.received_document(v_actor.organization_id) as r
          on r.currency = w.currency));
end;
$$;
comment on function api.show_money(bytea) is
  'What is owed, by age, and what was received, by month: {on, currencies}. RB401.';
