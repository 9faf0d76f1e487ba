create or replace function api.confirm_checkin(p_token_hash bytea, p_answer text, p_user_agent text)
returns table (outcome text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Record a button pressed on a check-in's page: an answer or, within 14 days, a changed one.
-- Public: the token of the question, or of the mail that paid was clicked, is the only right.
-- The token of a receipt answers nothing.
--   Called by  app/api/routes/checkin_page.py
--   Writes     checkin_click, app_user, checkin_task, activity_event, invoice, mail
--   Raises     RB422
declare
  v_link rubis.checkin_link := rubis.find_link(p_token_hash);
  v_invoice rubis.invoice;
  v_task rubis.checkin_task;
  v_led_to text;
begin
  perform rubis.check_answer(p_answer);
  if v_link.organization_id is null or v_link.answered_at is not null then
    return query select 'invalid';
    return;
  end if;
  v_invoice := rubis.lock_invoice(v_link.organization_id, v_link.invoice_id);
  v_task := rubis.lock_checkin_task(v_link.organization_id, v_link.checkin_task_id);
  -- Read again under the locks: the link lives longer if an acceptance was recorded meanwhile.
  v_link := rubis.find_link(p_token_hash);
  v_led_to := rubis.checkin_standing(v_task, v_invoice, v_link.mailed_at);
  if v_led_to = 'already_answered' and (v_task.answer = 'paid') <> (p_answer = 'paid')
    and rubis.lock_answer(v_task, v_invoice) then
    perform rubis.undo_answer(v_task, 'page');
    v_led_to := 'open';
  elsif v_led_to = 'already_answered' and v_task.answered_via = 'link'
    and (v_task.answer = 'paid') = (p_answer = 'paid') then
    -- A person confirms the answer, so a link can no longer contradict it.
    update rubis.checkin_task as t
       set answered_via = 'page', proof_due_at = null
     where t.organization_id = v_task.organization_id
       and t.checkin_task_id = v_task.checkin_task_id;
  end if;
  if v_led_to = 'open' then
    v_led_to := p_answer;
    perform rubis.record_answer(v_task.organization_id, v_task.checkin_task_id, p_answer, 'page');
  elsif rubis.decide_said_paid(v_invoice, p_answer, 'page') then
    v_led_to := p_answer;
  elsif v_led_to = 'expired' and p_answer = 'paid'
    and rubis.ask_after_late_click(v_task) then
    v_led_to := 'asked_again';
  end if;
  perform rubis.record_click(
    v_link.organization_id, v_link.mail_id, v_link.attempt, v_link.position, 'page', p_answer,
    v_led_to, p_user_agent);
  perform rubis.prove_address(v_link.organization_id, v_invoice.user_id, v_link.to_address);
  outcome := case v_led_to when 'asked_again' then 'expired' else v_led_to end;
  return next;
end;
$$;
comment on function api.confirm_checkin(bytea, text, text) is
  'Answer a check-in, or change its answer, by a button: paid, pending, already_answered, expired '
  'or invalid. RB422.';
