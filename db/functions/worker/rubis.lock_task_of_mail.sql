create or replace function rubis.lock_task_of_mail(
  p_organization_id bigint, p_checkin_mail_id bigint
)
returns rubis.checkin_task
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- The check-in that a mail belongs to, locked.
--   Called by  worker.finish_checkin_send, worker.fail_checkin_send
--   Raises     RB404
declare
  v_checkin_task_id bigint;
begin
  select m.checkin_task_id into v_checkin_task_id from rubis.checkin_mail as m
   where m.organization_id = p_organization_id and m.checkin_mail_id = p_checkin_mail_id;
  if not found then
    raise exception using errcode = 'RB404', constraint = 'checkin_mail__missing',
      column = 'checkin_mail_id',
      message = format('mail %s does not exist', p_checkin_mail_id);
  end if;
  return rubis.lock_checkin_task(p_organization_id, v_checkin_task_id);
end;
$$;
comment on function rubis.lock_task_of_mail(bigint, bigint) is
  'Lock and return the check-in of a mail. RB404.';
