create or replace function rubis.relance_document(p_relance rubis.relance)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- A relance as the API shows it. asks_at: when the owner is asked again before it, as planned.
--   Called by  rubis.relances_document, rubis.invoice_document
  select jsonb_build_object(
    'relance_id', p_relance.relance_id, 'client_id', p_relance.client_id,
    'due_on', p_relance.due_on, 'step', p_relance.step, 'tone', p_relance.tone,
    'status', p_relance.status,
    'asks_at', case when p_relance.next_look_at < p_relance.scheduled_at then
      p_relance.next_look_at end,
    'scheduled_at', p_relance.scheduled_at, 'sent_at', p_relance.sent_at,
    'hold_reason', p_relance.hold_reason,
    'cancelled_at', p_relance.cancelled_at, 'cancel_reason', p_relance.cancel_reason);
$$;
comment on function rubis.relance_document(rubis.relance) is
  'A relance as JSON: its client and term, its step, tone, status, times and reasons.';
