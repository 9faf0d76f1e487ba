create or replace function rubis.schedule_relance(p_organization_id bigint, p_invoice_id bigint)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Schedule the next relance of an open invoice, or schedule the one ahead again. One that is being
-- sent or unconfirmed stays as it is; a held one becomes scheduled, so that the tick
-- judges it again. A sample has none. The caller has written or locked the invoice.
--   Called by  rubis.await_payment, rubis.await_payment_again, rubis.invoice_effects,
--              rubis.plan_again, rubis.replan_relances, rubis.release_relance,
--              rubis.complete_relance, rubis.take_back_answer, api.ask_checkin_again
--   Writes     relance
declare
  v_organization rubis.organization;
  v_invoice rubis.invoice;
  v_client rubis.client;
  v_asked_at timestamptz;
  v_last rubis.relance;
  v_step rubis.relance_plan_step;
  v_at timestamptz;
  v_gate rubis.verdict;
begin
  perform rubis.share_planning(p_organization_id, p_invoice_id);
  select o.* into strict v_organization from rubis.organization as o
   where o.organization_id = p_organization_id;
  select i.* into strict v_invoice from rubis.invoice as i
   where i.organization_id = p_organization_id and i.invoice_id = p_invoice_id;
  v_client := rubis.reminded_client(p_organization_id, v_invoice.client_id);
  v_last := rubis.last_relance(v_invoice);
  v_step := rubis.next_relance_step(
    p_organization_id, v_client.relance_plan_id, coalesce(v_last.step, 0::smallint));
  if v_step.step is null or v_invoice.is_sample then
    perform rubis.cancel_relances(
      p_organization_id, p_invoice_id, 'no step left in the plan', array['scheduled', 'held']);
    return;
  end if;
  select t.scheduled_at::timestamptz into v_asked_at from rubis.checkin_task as t
   where t.organization_id = p_organization_id and t.invoice_id = p_invoice_id
   order by t.checkin_task_id desc limit 1;
  v_at := rubis.next_relance_at(v_organization, v_step, v_invoice.due_on, v_asked_at, v_last);
  -- If the owner must be asked again before it, the tick looks at it then.
  v_gate := rubis.relance_gate(v_invoice, v_client, v_organization, v_at);
  v_at := case when v_gate.asks_at is null then v_at else v_gate.until end;
  insert into rubis.relance as r (
    organization_id, invoice_id, client_id, due_on, relance_plan_id, step, days_after_due, tone,
    scheduled_at, next_look_at)
  values (
    p_organization_id, p_invoice_id, v_invoice.client_id, v_invoice.due_on, v_step.relance_plan_id,
    v_step.step, v_step.days_after_due, v_step.tone, v_at, coalesce(v_gate.asks_at, v_at))
  on conflict (organization_id, invoice_id)
  where status in ('scheduled', 'held', 'sending', 'unconfirmed')
  do update
     set due_on = excluded.due_on, relance_plan_id = excluded.relance_plan_id,
         step = excluded.step,
         days_after_due = excluded.days_after_due, tone = excluded.tone,
         scheduled_at = excluded.scheduled_at, next_look_at = excluded.next_look_at,
         status = 'scheduled', hold_reason = null
   where r.status in ('scheduled', 'held');
end;
$$;
comment on function rubis.schedule_relance(bigint, bigint) is
  'Schedule the next relance of an open invoice, or the one ahead again; none if its plan has no '
  'step left.';
