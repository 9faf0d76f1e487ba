create or replace function rubis.lock_user_mail(p_organization_id bigint, p_user_mail_id bigint)
returns rubis.user_mail
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- A mail to a user, locked until the transaction ends.
--   Called by  worker.begin_user_mail, rubis.lock_mail_of_attempt
--   Raises     RB404
declare
  v_mail rubis.user_mail;
begin
  select m.* into v_mail from rubis.user_mail as m
   where m.organization_id = p_organization_id and m.user_mail_id = p_user_mail_id
     for no key update;
  if not found then
    raise exception using errcode = 'RB404', constraint = 'user_mail__missing',
      column = 'user_mail_id',
      message = format('mail %s does not exist', p_user_mail_id);
  end if;
  return v_mail;
end;
$$;
comment on function rubis.lock_user_mail(bigint, bigint) is
  'Lock and return a mail to a user. RB404.';
