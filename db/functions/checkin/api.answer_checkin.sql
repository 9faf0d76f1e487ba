create or replace function api.answer_checkin(p_token_hash bytea, p_answer text, p_user_agent text)
returns table (outcome text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Record one click on a link of a question. Public: the token is the only right. If a click
-- alone does not count, the outcome is confirm: the API shows a page whose button answers.
--   Called by  app/api/routes/checkin.py
--   Writes     checkin_click; checkin_task, and invoice or activity_event, by the functions it
--              calls; nothing if the organization's click_mode is confirm
--   Raises     RB422
declare
  v_link record;
  v_task rubis.checkin_task;
  v_invoice rubis.invoice;
  v_led_to text;
begin
  perform rubis.check_answer(p_answer);
  -- What a mail said never changes, so it is read before the locks, which are taken in order.
  select x.organization_id, x.mail_id, x.attempt, x.position, x.checkin_task_id, x.invoice_id,
         coalesce(a.accepted_at, a.attempted_at) as mailed_at, o.click_mode,
         o.contradiction_seconds * interval '1 second' as contradiction_time
    into v_link
    from rubis.mail_item as x
    join rubis.mail as m on m.organization_id = x.organization_id and m.mail_id = x.mail_id
    join rubis.mail_attempt as a
      on a.organization_id = x.organization_id and a.mail_id = x.mail_id and a.attempt = x.attempt
    join rubis.organization as o on o.organization_id = x.organization_id
   where x.token_hash = p_token_hash and m.kind = 'questions';
  if not found then
    return query select 'invalid';
    return;
  elsif v_link.click_mode = 'confirm' then
    return query select 'confirm';
    return;
  end if;
  v_invoice := rubis.lock_invoice(v_link.organization_id, v_link.invoice_id);
  v_task := rubis.lock_checkin_task(v_link.organization_id, v_link.checkin_task_id);
  v_led_to := rubis.checkin_standing(v_task, v_invoice, v_link.mailed_at);
  if v_led_to = 'expired' then
    -- Read again under the locks: the link lives longer if an acceptance was recorded meanwhile.
    v_led_to := rubis.checkin_standing(v_task, v_invoice, (
      select coalesce(a.accepted_at, a.attempted_at) from rubis.mail_attempt as a
       where a.organization_id = v_link.organization_id and a.mail_id = v_link.mail_id
         and a.attempt = v_link.attempt));
  end if;
  if coalesce(v_task.contradicted_at, v_task.undone_at) is not null then
    v_led_to := 'confirm';
  elsif v_led_to = 'open' then
    v_led_to := p_answer;
    perform rubis.record_answer(v_task.organization_id, v_task.checkin_task_id, p_answer, 'link');
  elsif (v_task.answer = 'paid') <> (p_answer = 'paid') then
    if v_task.answered_via = 'link'
      and rubis.clock() < v_task.answered_at + v_link.contradiction_time
      and rubis.lock_answer(v_task, v_invoice) then
      v_led_to := 'contradicted';
      perform rubis.contradict_answer(v_task, v_invoice.user_id);
    else
      perform rubis.weigh_other_answer(v_task, v_invoice.status);
    end if;
  elsif v_led_to = 'expired' and p_answer = 'paid'
    and rubis.ask_after_late_click(v_task) then
    v_led_to := 'asked_again';
  end if;
  perform rubis.record_click(
    v_link.organization_id, v_link.mail_id, v_link.attempt, v_link.position, 'link', p_answer,
    v_led_to, p_user_agent);
  outcome := case v_led_to
    when 'contradicted' then 'confirm' when 'asked_again' then 'expired' else v_led_to end;
  return next;
end;
$$;
comment on function api.answer_checkin(bytea, text, text) is
  'Follow a link of a question by the SHA-256 of its token: outcome paid, pending, '
  'already_answered, expired, confirm or invalid. RB422.';
