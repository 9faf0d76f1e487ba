create or replace function api.answer_checkin(p_token_hash bytea, p_answer text, p_user_agent text)
returns table (outcome text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- One click on a link of a check-in mail. Public: the token is the only right.
--   Called by  app/routes/checkin.py
--   Writes     checkin_click, app_user; by rubis.record_answer checkin_task, and invoice or activity_event
--   Raises     RB422
declare
  v_mail rubis.checkin_mail;
  v_task rubis.checkin_task;
  v_invoice rubis.invoice;
  v_clicked_at timestamptz := rubis.clock();
begin
  if p_answer is null or p_answer not in ('paid', 'pending') then
    raise exception using errcode = 'RB422', constraint = 'checkin__answer', column = 'answer',
      message = 'answer must be paid or pending';
  end if;
  select m.* into v_mail from rubis.checkin_mail as m where m.token_hash = p_token_hash;
  if not found then
    return query select 'invalid';
    return;
  end if;
  -- Which invoice a task asks about never changes, so it may be read before the locks are taken in their order.
  select t.* into strict v_task from rubis.checkin_task as t
   where t.organization_id = v_mail.organization_id and t.checkin_task_id = v_mail.checkin_task_id;
  v_invoice := rubis.lock_invoice(v_task.organization_id, v_task.invoice_id);
  v_task := rubis.lock_checkin_task(v_task.organization_id, v_task.checkin_task_id);
  select m.* into strict v_mail from rubis.checkin_mail as m where m.token_hash = p_token_hash;

  if v_task.status = 'answered' or v_invoice.status <> 'open' then
    outcome := 'already_answered';
  elsif v_task.status in ('cancelled', 'expired')
    or rubis.is_superseded(v_task)
    or v_clicked_at >= coalesce(v_mail.accepted_at, v_mail.attempted_at) + interval '24 hours' then
    outcome := 'expired';
  else
    outcome := p_answer;
    perform rubis.record_answer(v_task.organization_id, v_task.checkin_task_id, p_answer, 'link');
  end if;
  insert into rubis.checkin_click (organization_id, checkin_mail_id, answer, outcome, user_agent, clicked_at)
  values (v_mail.organization_id, v_mail.checkin_mail_id, p_answer, outcome, left(p_user_agent, 500), v_clicked_at);
  perform rubis.prove_address(v_mail.organization_id, v_invoice.user_id, v_mail.to_address);
  return next;
end;
$$;
comment on function api.answer_checkin(bytea, text, text) is
  'Answer a check-in by the SHA-256 of its token: outcome paid, pending, already_answered, expired or invalid. RB422.';
