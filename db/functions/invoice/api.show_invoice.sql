create or replace function api.show_invoice(p_access_token_hash bytea, p_invoice_id bigint)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- All that the page of an invoice shows: the invoice, what follows and why, its relances, the
-- question if it waits for an answer, what can be done now, its latest events, the letters that
-- left, and the settings that decide.
--   Called by  app/web/pages/invoice.py
--   Writes     by rubis.plan_beside what is outdated
--   Raises     RB401, RB404
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_relances jsonb;
begin
  perform rubis.check_invoice(v_actor.organization_id, p_invoice_id);
  perform rubis.plan_beside(v_actor.organization_id, p_invoice_id);
  v_relances := rubis.relances_document(v_actor.organization_id, p_invoice_id);
  return (
    select jsonb_build_object(
        'invoice', rubis.invoice_document(i.organization_id, i.invoice_id),
        'days_late', (rubis.clock() at time zone o.time_zone)::date - i.due_on,
        'outlook', rubis.invoice_outlook(i.organization_id, i.invoice_id, v_relances -> 'ahead'),
        'relances', v_relances,
        'question', (
          select case when t.status = 'sent' and t.expires_at > rubis.clock() then
              jsonb_build_object('asked_at', t.sent_at, 'until', t.expires_at) end
            from rubis.checkin_task as t
           where t.organization_id = i.organization_id and t.invoice_id = i.invoice_id
           order by t.checkin_task_id desc limit 1),
        'said_paid_at', case when rubis.said_paid(i) then i.said_paid_at end,
        'acts', to_jsonb(rubis.invoice_acts(i.organization_id, i.invoice_id)),
        'timeline', rubis.list_activity(i.organization_id, 50, null, i.invoice_id),
        'letters', rubis.letter_texts(i.organization_id, i.invoice_id),
        'client', jsonb_build_object(
          'relances_off', c.relances_off,
          'pause', rubis.pause_document(c.paused_until, c.pause_reason)),
        'rules', jsonb_build_object(
          'question_valid_days', o.question_valid_days,
          'client_spacing_days', o.client_spacing_days))
      from rubis.invoice as i
      join rubis.organization as o on o.organization_id = i.organization_id
     cross join lateral rubis.reminded_client(i.organization_id, i.client_id) as c
     where i.organization_id = v_actor.organization_id and i.invoice_id = p_invoice_id);
end;
$$;
comment on function api.show_invoice(bytea, bigint) is
  'What the page of an invoice shows: {invoice, days_late, outlook, relances, question, '
  'said_paid_at, acts, timeline, letters, client, rules}. RB401, RB404.';
