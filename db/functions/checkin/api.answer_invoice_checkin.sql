create or replace function api.answer_invoice_checkin(
  p_access_token_hash bytea, p_invoice_id bigint, p_answer text
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Answer the question in the app. Paid counts in every state of the check-in; pending needs a
-- check-in that can be answered, or a paid that did not count and is to be decided.
--   Called by  app/api/routes/invoices.py
--   Writes     checkin_task, and invoice or activity_event
--   Raises     RB401, RB404, RB409 invoice__cancelled, RB409 checkin_task__ended, RB422
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_invoice rubis.invoice;
  v_task rubis.checkin_task;
  v_outcome text := p_answer;
begin
  perform rubis.check_answer(p_answer);
  v_invoice := rubis.lock_invoice(v_actor.organization_id, p_invoice_id);
  select t.* into v_task from rubis.checkin_task as t
   where t.organization_id = v_actor.organization_id and t.invoice_id = p_invoice_id
   order by t.checkin_task_id desc limit 1
     for no key update;

  if v_invoice.status = 'cancelled' then
    raise exception using errcode = 'RB409', constraint = 'invoice__cancelled',
      column = 'invoice_id',
      message = format('invoice %s is cancelled', v_invoice.number);
  elsif rubis.decide_said_paid(v_invoice, p_answer, 'app') then
    null;
  elsif v_invoice.status = 'paid' or (p_answer = 'pending' and v_task.status = 'answered') then
    v_outcome := 'already_answered';
  elsif rubis.takes_answer(v_task.status) then
    perform rubis.record_answer(v_actor.organization_id, v_task.checkin_task_id, p_answer, 'app');
  elsif p_answer = 'paid' then
    update rubis.invoice as i
       set status = 'paid', paid_via = 'app'
     where i.organization_id = v_actor.organization_id and i.invoice_id = p_invoice_id;
  else
    raise exception using errcode = 'RB409', constraint = 'checkin_task__ended', column = 'answer',
      message = format(
        'the check-in of invoice %s has ended: %s', v_invoice.number, v_task.end_reason),
      hint = 'ask again, then answer';
  end if;
  return jsonb_build_object(
    'outcome', v_outcome, 'invoice', rubis.invoice_document(v_actor.organization_id, p_invoice_id));
end;
$$;
comment on function api.answer_invoice_checkin(bytea, bigint, text) is
  'Answer an invoice''s check-in in the app: {outcome: paid, pending or already_answered, '
  'invoice}. RB401, RB404, RB409, RB422.';
