create or replace function worker.finish_user_mail(
  p_organization_id bigint, p_user_mail_attempt_id bigint, p_message_id text
)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- A mail to a user was accepted.
--   Called by  worker/user_mails.py
--   Writes     user_mail, user_mail_attempt
--   Raises     RB404
declare
  v_mail rubis.user_mail := rubis.lock_mail_of_attempt(p_organization_id, p_user_mail_attempt_id);
begin
  update rubis.user_mail_attempt as a
     set accepted_at = rubis.clock(), message_id = p_message_id,
         failed_at = null, failure_class = null, failure_detail = null
   where a.organization_id = p_organization_id and a.user_mail_attempt_id = p_user_mail_attempt_id
     and a.accepted_at is null;
  if v_mail.status = 'sending'
    and p_user_mail_attempt_id = rubis.latest_user_mail_attempt(v_mail) then
    update rubis.user_mail as m
       set status = 'sent', sent_at = rubis.clock(), lease_expires_at = null
     where m.organization_id = p_organization_id and m.user_mail_id = v_mail.user_mail_id;
  end if;
end;
$$;
comment on function worker.finish_user_mail(bigint, bigint, text) is
  'Record that a mail to a user was accepted, with its Message-ID. RB404.';
