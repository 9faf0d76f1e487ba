create or replace function rubis.finish_mail(
  p_organization_id bigint, p_mail_id bigint, p_attempt smallint, p_subject text, p_body text
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- A mail was accepted. A worker given up for dead that comes back completes what no later attempt
-- has in hand. Recorded a second time, it changes nothing. The caller holds what the mail carries.
--   Called by  worker.finish_mails
--   Writes     mail, mail_attempt, letter_text; what the functions that finish write
--   Raises     RB404
declare
  v_mail rubis.mail := rubis.lock_mail(p_organization_id, p_mail_id);
begin
  update rubis.mail_attempt as a
     set accepted_at = rubis.clock(), failed_at = null, failure_class = null,
         failure_detail = null
   where a.organization_id = p_organization_id and a.mail_id = p_mail_id
     and a.attempt = p_attempt and a.accepted_at is null
     and (v_mail.kind <> 'letter' or a.failure_class is null or a.failure_class = 'unknown');
  if not found then
    return;
  end if;
  if v_mail.status <> 'sent' and (v_mail.status <> 'sending' or v_mail.attempts = p_attempt) then
    update rubis.mail as m
       set status = 'sent', ended_at = rubis.clock(), end_reason = null,
           next_attempt_at = null, lease_expires_at = null
     where m.organization_id = p_organization_id and m.mail_id = p_mail_id;
  end if;
  if v_mail.kind = 'questions' then
    perform rubis.finish_questions(v_mail, p_attempt);
  elsif v_mail.kind = 'letter' then
    perform rubis.keep_letter(p_organization_id, p_mail_id, p_attempt, p_subject, p_body);
    perform rubis.finish_letter(v_mail, p_attempt);
  elsif v_mail.kind = 'receipts' then
    perform rubis.forget_receipts(p_organization_id, p_mail_id, p_attempt);
  end if;
end;
$$;
comment on function rubis.finish_mail(bigint, bigint, smallint, text, text) is
  'Record that an attempt was accepted, once. RB404.';
