create or replace function api.undo_checkin(p_token_hash bytea, p_user_agent text)
returns table (outcome text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Take an answer back by a button. Public: the token of the question, of the receipt of that
-- answer, or of the mail that paid was clicked, is the right.
--   Called by  app/api/routes/checkin_page.py
--   Writes     checkin_click, app_user, checkin_task, activity_event, invoice, relance
declare
  v_link rubis.checkin_link := rubis.find_link(p_token_hash);
  v_invoice rubis.invoice;
  v_task rubis.checkin_task;
begin
  if v_link.organization_id is null then
    return query select 'invalid';
    return;
  end if;
  v_invoice := rubis.lock_invoice(v_link.organization_id, v_link.invoice_id);
  v_task := rubis.lock_checkin_task(v_link.organization_id, v_link.checkin_task_id);
  if rubis.lock_answer(v_task, v_invoice)
    and (v_link.answered_at is null or v_link.answered_at = v_task.answered_at) then
    perform rubis.undo_answer(
      v_task, case when v_link.answered_at is null then 'page' else 'receipt' end);
    outcome := 'undone';
  else
    outcome := 'unchanged';
  end if;
  perform rubis.record_click(
    v_link.organization_id, v_link.mail_id, v_link.attempt, v_link.position, 'page', null, outcome,
    p_user_agent);
  perform rubis.prove_address(v_link.organization_id, v_invoice.user_id, v_link.to_address);
  return next;
end;
$$;
comment on function api.undo_checkin(bytea, text) is
  'Take the answer to a check-in back, with all that it did, for 14 days: undone, unchanged or '
  'invalid.';
