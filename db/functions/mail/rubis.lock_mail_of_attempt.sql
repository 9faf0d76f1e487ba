create or replace function rubis.lock_mail_of_attempt(
  p_organization_id bigint, p_user_mail_attempt_id bigint
)
returns rubis.user_mail
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- The mail that an attempt belongs to, locked.
--   Called by  worker.finish_user_mail, worker.fail_user_mail
--   Raises     RB404
begin
  return rubis.lock_user_mail(p_organization_id, (
    select a.user_mail_id from rubis.user_mail_attempt as a
     where a.organization_id = p_organization_id
       and a.user_mail_attempt_id = p_user_mail_attempt_id));
end;
$$;
comment on function rubis.lock_mail_of_attempt(bigint, bigint) is
  'Lock and return the mail of an attempt. RB404.';
