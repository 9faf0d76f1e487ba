create or replace function rubis.invoice_summaries(
  p_organization_id bigint, p_invoice_ids bigint[], p_today date
)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Invoices as lists show them, in the order given: what is stored, and no verdict.
-- Each is looked up (limit 1), whatever the planner takes the organization's size for.
--   Called by  api.list_invoices
  select coalesce(jsonb_agg(jsonb_build_object(
      'invoice_id', i.invoice_id,
      'client', jsonb_build_object('client_id', l.client_id, 'name', l.name, 'email', l.email),
      'number', i.number, 'issued_on', i.issued_on, 'due_on', i.due_on,
      'amount_cents', i.amount_cents, 'currency', i.currency, 'user_id', i.user_id,
      'status', i.status, 'paid_at', i.paid_at, 'paid_via', i.paid_via,
      'cancelled_at', i.cancelled_at, 'created_at', i.created_at,
      'days_late', case when i.status = 'open' then greatest(p_today - i.due_on, 0) end,
      'is_outdated', i.status = 'open' and i.schedule_version < o.schedule_version,
      'is_sample', i.is_sample, 'relances_off', i.relances_off,
      'pause', rubis.pause_document(i.paused_until, i.pause_reason),
      'checkin', (
        select jsonb_build_object(
          'status', t.status, 'scheduled_at', t.scheduled_at, 'sent_at', t.sent_at,
          'expires_at', t.expires_at, 'answer', t.answer, 'answered_at', t.answered_at)
          from rubis.checkin_task as t
         where t.organization_id = i.organization_id and t.invoice_id = i.invoice_id
         order by t.checkin_task_id desc limit 1),
      'relance', (
        select jsonb_build_object(
          'relance_id', r.relance_id, 'step', r.step, 'tone', r.tone, 'status', r.status,
          'scheduled_at', r.scheduled_at, 'hold_reason', r.hold_reason)
          from rubis.relance as r
         where r.organization_id = i.organization_id and r.invoice_id = i.invoice_id
           and r.status in ('scheduled', 'held', 'sending', 'unconfirmed')))
      order by a.position), '[]')
    from unnest(p_invoice_ids) with ordinality as a (invoice_id, position)
   cross join lateral (
     select v.* from rubis.invoice as v
      where v.organization_id = p_organization_id and v.invoice_id = a.invoice_id
      limit 1) as i
   cross join lateral (
     select k.* from rubis.client as k
      where k.organization_id = p_organization_id and k.client_id = (
        select coalesce(c.merged_into_client_id, c.client_id) from rubis.client as c
         where c.organization_id = p_organization_id and c.client_id = i.client_id)
      limit 1) as l
   cross join (
     select v.schedule_version from rubis.organization as v
      where v.organization_id = p_organization_id) as o;
$$;
comment on function rubis.invoice_summaries(bigint, bigint[], date) is
  'Invoices as JSON for a list: facts, the latest check-in and the relance ahead in short.';
