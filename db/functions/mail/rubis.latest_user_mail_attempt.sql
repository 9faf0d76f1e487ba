create or replace function rubis.latest_user_mail_attempt(p_mail rubis.user_mail)
returns bigint
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- The latest attempt of a mail to a user: only its worker may move the mail.
--   Called by  worker.finish_user_mail, rubis.fail_user_mail, rubis.recover_user_mails
  select a.user_mail_attempt_id from rubis.user_mail_attempt as a
   where a.organization_id = p_mail.organization_id and a.user_mail_id = p_mail.user_mail_id
   order by a.user_mail_attempt_id desc limit 1;
$$;
comment on function rubis.latest_user_mail_attempt(rubis.user_mail) is
  'user_mail_attempt_id of the latest attempt; null if none.';
