create or replace function rubis.invoice_document(p_organization_id bigint, p_invoice_id bigint)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- An invoice as the API shows it, with its latest check-in and its relances.
--   Called by  the api functions that return invoices
  select jsonb_build_object(
    'invoice_id', i.invoice_id,
    'client', jsonb_build_object('client_id', c.client_id, 'name', c.name, 'email', c.email),
    'number', i.number, 'issued_on', i.issued_on, 'due_on', i.due_on,
    'amount_cents', i.amount_cents, 'currency', i.currency,
    'status', i.status, 'paid_at', i.paid_at, 'paid_via', i.paid_via,
    'cancelled_at', i.cancelled_at,
    'created_at', i.created_at,
    'is_outdated', i.status = 'open' and i.schedule_version < (
      select o.schedule_version from rubis.organization as o
       where o.organization_id = i.organization_id),
    'is_sample', i.is_sample, 'relances_off', i.relances_off,
    'pause', rubis.pause_document(i.paused_until, i.pause_reason),
    'checkin', (
      select jsonb_build_object(
        'checkin_task_id', t.checkin_task_id, 'status', t.status, 'scheduled_at', t.scheduled_at,
        'sent_at', t.sent_at, 'expires_at', t.expires_at, 'answer', t.answer,
        'answered_at', t.answered_at)
        from rubis.checkin_task as t
       where t.organization_id = i.organization_id and t.invoice_id = i.invoice_id
       order by t.checkin_task_id desc limit 1),
    'relances', (
      select coalesce(jsonb_agg(rubis.relance_document(r) order by r.relance_id), '[]')
        from rubis.relance as r
       where r.organization_id = i.organization_id and r.invoice_id = i.invoice_id))
    from rubis.invoice as i
    join rubis.client as c
      on c.organization_id = i.organization_id
     and c.client_id = rubis.live_client_id(i.organization_id, i.client_id)
   where i.organization_id = p_organization_id and i.invoice_id = p_invoice_id;
$$;
comment on function rubis.invoice_document(bigint, bigint) is
  'An invoice as JSON, with client, checkin (the latest) and relances; null if it does not exist.';
