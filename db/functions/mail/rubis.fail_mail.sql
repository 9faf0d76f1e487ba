create or replace function rubis.fail_mail(
  p_mail rubis.mail, p_attempt smallint, p_failure_class text, p_failure_detail text
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Record how an attempt failed. If it is the one that its mail waits for, decide what follows: what
-- it carried is tried again with the mail, or fails, or, in a letter of unknown fate, waits for
-- the user. The caller holds the mail and what it carries.
--   Called by  worker.fail_mail, rubis.recover_mails
--   Writes     mail, mail_attempt; what the functions that fail write
declare
  v_now timestamptz := rubis.clock();
  v_retry_at timestamptz := v_now + rubis.retry_delay(p_mail.attempts, p_failure_class);
  v_status text;
begin
  update rubis.mail_attempt as a
     set failed_at = v_now, failure_class = p_failure_class,
         failure_detail = left(p_failure_detail, 500)
   where a.organization_id = p_mail.organization_id and a.mail_id = p_mail.mail_id
     and a.attempt = p_attempt and a.accepted_at is null
     and (p_mail.kind <> 'letter' or a.failed_at is null);
  if p_mail.status <> 'sending' or p_mail.attempts <> p_attempt then
    return;
  end if;
  v_status := case
    when p_mail.kind = 'letter'
      then rubis.fail_letter(p_mail, p_attempt, p_failure_class, v_retry_at)
    when p_mail.kind = 'questions'
      then rubis.fail_questions(p_mail, p_attempt, p_failure_class)
    else rubis.fail_notice(p_mail, p_attempt, p_failure_class) end;
  update rubis.mail as m
     set status = v_status, lease_expires_at = null,
         next_attempt_at = case when v_status = 'scheduled' then v_retry_at end,
         ended_at = case when v_status <> 'scheduled' then v_now end,
         end_reason = case when v_status <> 'scheduled' then left(p_failure_detail, 500) end
   where m.organization_id = p_mail.organization_id and m.mail_id = p_mail.mail_id;
end;
$$;
comment on function rubis.fail_mail(rubis.mail, smallint, text, text) is
  'Record the failure of an attempt; retry its mail later, or end it. The caller holds the locks.';
