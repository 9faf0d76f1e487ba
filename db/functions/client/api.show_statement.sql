create or replace function api.show_statement(p_access_token_hash bytea, p_client_id bigint)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- A client's statement of account: its open invoices, and those it paid in the last 12 months, with
-- what is owed by age.
--   Called by  app/api/routes/clients.py, app/web/pages/clients.py
--   Raises     RB401, RB404
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_organization_id bigint := v_actor.organization_id;
  v_today date := rubis.today(v_organization_id);
  v_client_ids bigint[] := rubis.client_names(v_organization_id, p_client_id);
begin
  return jsonb_build_object(
    'on', v_today,
    'client', (
      select jsonb_build_object('client_id', c.client_id, 'name', c.name, 'email', c.email)
        from rubis.client as c
       where c.organization_id = v_organization_id and c.client_id = v_client_ids[1]),
    'owed', rubis.owed_document(v_organization_id, v_client_ids),
    'invoices', (
      select coalesce(jsonb_agg(jsonb_build_object(
          'invoice_id', i.invoice_id, 'number', i.number, 'issued_on', i.issued_on,
          'due_on', i.due_on, 'amount_cents', i.amount_cents, 'currency', i.currency,
          'status', i.status, 'paid_at', i.paid_at,
          'days_late', case when i.status = 'open' then greatest(v_today - i.due_on, 0) end)
          order by i.due_on, i.invoice_id), '[]')
        from rubis.invoice as i
       where i.organization_id = v_organization_id and i.client_id = any (v_client_ids)
         and not i.is_sample and (i.status = 'open'
           or (i.status = 'paid' and i.paid_at > v_today - interval '12 months'))));
end;
$$;
comment on function api.show_statement(bytea, bigint) is
  'A client''s open invoices and those paid in 12 months: {on, client, owed, invoices}. RB401, '
  'RB404.';
