create or replace function worker.fail_user_mail(
  p_organization_id bigint, p_user_mail_attempt_id bigint, p_failure_class text,
  p_failure_detail text
)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- A mail to a user was not accepted, or its fate is unknown.
--   Called by  worker/user_mails.py
--   Writes     user_mail, user_mail_attempt, by rubis.fail_user_mail
--   Raises     RB404, RB422
begin
  if p_failure_class is null
    or p_failure_class not in ('temporary', 'refused', 'operator', 'unknown') then
    raise exception using errcode = 'RB422', constraint = 'user_mail_attempt__failure_class',
      column = 'failure_class',
      message = 'failure_class must be temporary, refused, operator or unknown';
  end if;
  perform rubis.fail_user_mail(
    rubis.lock_mail_of_attempt(p_organization_id, p_user_mail_attempt_id), p_user_mail_attempt_id,
    p_failure_class, p_failure_detail);
end;
$$;
comment on function worker.fail_user_mail(bigint, bigint, text, text) is
  'Record that a mail to a user failed: temporary, refused, '
  'operator or unknown, and a detail for people. RB404, RB422.';
