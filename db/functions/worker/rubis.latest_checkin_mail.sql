create or replace function rubis.latest_checkin_mail(p_task rubis.checkin_task)
returns bigint
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- The mail of a check-in's latest attempt: only its worker may move the check-in.
--   Called by  worker.finish_checkin_send, rubis.fail_attempt, rubis.recover_checkins
  select m.checkin_mail_id from rubis.checkin_mail as m
   where m.organization_id = p_task.organization_id and m.checkin_task_id = p_task.checkin_task_id
   order by m.checkin_mail_id desc limit 1;
$$;
comment on function rubis.latest_checkin_mail(rubis.checkin_task) is
  'checkin_mail_id of the latest attempt; null if none.';
