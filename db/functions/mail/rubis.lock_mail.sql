create or replace function rubis.lock_mail(p_organization_id bigint, p_mail_id bigint)
returns rubis.mail
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Lock a mail until the transaction ends, after the matters that it carries.
--   Called by  worker.confirm_letter, worker.fail_mail, rubis.finish_mail
--   Raises     RB404
declare
  v_mail rubis.mail;
begin
  select m.* into v_mail from rubis.mail as m
   where m.organization_id = p_organization_id and m.mail_id = p_mail_id
     for no key update;
  if not found then
    raise exception using errcode = 'RB404', constraint = 'mail__missing', column = 'mail_id',
      message = format('mail %s does not exist', p_mail_id);
  end if;
  return v_mail;
end;
$$;
comment on function rubis.lock_mail(bigint, bigint) is 'Lock and return a mail. RB404.';
