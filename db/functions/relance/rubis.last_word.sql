create or replace function rubis.last_word(p_invoice rubis.invoice)
returns rubis.word
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Find the last question about an invoice: when it was mailed and answered, and until when one of
-- its links can answer. Null if the owner was not asked: the last question failed or was cancelled.
--   Called by  rubis.relance_gate, rubis.relance_forecast, rubis.carry_relances
declare
  v_task rubis.checkin_task;
  v_mailed_at timestamptz;
  v_to_address text;
  v_is_live boolean;
  v_word_at timestamptz;
  v_closes_at timestamptz;
  v_is_elsewhere boolean;
begin
  select t.* into v_task from rubis.checkin_task as t
   where t.organization_id = p_invoice.organization_id and t.invoice_id = p_invoice.invoice_id
   order by t.checkin_task_id desc limit 1;
  if v_task.status is null or v_task.status in ('failed', 'cancelled') then
    return null;
  end if;
  -- What surely failed reached no reader.
  select coalesce(a.accepted_at, a.attempted_at)::timestamptz, a.to_address
    into v_mailed_at, v_to_address
    from rubis.mail_item as x
    join rubis.mail as m on m.organization_id = x.organization_id and m.mail_id = x.mail_id
    join rubis.mail_attempt as a
      on a.organization_id = x.organization_id and a.mail_id = x.mail_id and a.attempt = x.attempt
   where x.organization_id = v_task.organization_id and x.checkin_task_id = v_task.checkin_task_id
     and m.kind = 'questions' and (a.failure_class is null or a.failure_class = 'unknown')
   order by a.attempted_at desc, a.mail_id desc, a.attempt desc limit 1;
  v_is_live := v_task.status in ('scheduled', 'held', 'sending', 'sent');
  v_word_at := case
    when v_task.answered_via = 'app' then v_task.answered_at
    -- Who answered has it, whatever the mail server said.
    when v_task.status = 'sent' or not v_is_live then
      coalesce(v_mailed_at, v_task.answered_at, v_task.sent_at)
    else greatest(v_task.scheduled_at, rubis.clock()) end;
  v_is_elsewhere := v_task.answered_via is distinct from 'app' and exists (
    select from rubis.app_user as u
     where u.organization_id = p_invoice.organization_id and u.user_id = p_invoice.user_id
       and rubis.key(u.email) <> rubis.key(v_to_address));
  if v_is_live then
    v_closes_at := coalesce(v_task.expires_at, v_word_at + interval '24 hours');
  else
    -- Every link mailed for the question must be used or have run out, and the time to contradict
    -- an answer by link must be over.
    select greatest(
             max(coalesce(a.accepted_at, a.attempted_at)) + interval '24 hours',
             case v_task.answered_via when 'link' then v_task.answered_at + (
               select o.contradiction_seconds * interval '1 second' from rubis.organization as o
                where o.organization_id = p_invoice.organization_id) end)
      into v_closes_at
      from rubis.mail_item as x
      join rubis.mail as m on m.organization_id = x.organization_id and m.mail_id = x.mail_id
      join rubis.mail_attempt as a
        on a.organization_id = x.organization_id and a.mail_id = x.mail_id
       and a.attempt = x.attempt
     where x.organization_id = v_task.organization_id
       and x.checkin_task_id = v_task.checkin_task_id and m.kind = 'questions'
       and not exists (
         select from rubis.checkin_click as k
          where k.organization_id = x.organization_id and k.mail_id = x.mail_id
            and k.attempt = x.attempt and k.position = x.position
            and k.outcome in ('paid', 'pending', 'already_answered'));
  end if;
  return row(
    v_is_live, v_word_at, coalesce(v_task.answered_at, v_word_at), v_closes_at, v_is_elsewhere,
    case when v_task.answered_at is null then
      greatest(v_task.undone_at, v_task.contradicted_at) end)::rubis.word;
end;
$$;
comment on function rubis.last_word(rubis.invoice) is
  'What the owner last said of an invoice; null if the last question failed or was cancelled.';
