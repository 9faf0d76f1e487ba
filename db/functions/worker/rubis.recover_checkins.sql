create or replace function rubis.recover_checkins(p_limit int)
returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Take back what a dead worker held. Queued: no worker began, so it is due at once. Sending: the
-- fate of that mail is unknown, so the question is mailed again with a new token, and both links
-- work.
--   Called by  worker.tick
--   Writes     checkin_task, checkin_mail
declare
  v_task rubis.checkin_task;
  v_recovered int := 0;
begin
  for v_task in
    select t.* from rubis.checkin_task as t
     where t.status in ('queued', 'sending') and t.lease_expires_at <= rubis.clock()
     order by t.lease_expires_at
     limit p_limit
       for no key update skip locked
  loop
    if v_task.status = 'queued' then
      update rubis.checkin_task as t
         set status = 'scheduled', next_attempt_at = rubis.clock(), lease_expires_at = null
       where t.organization_id = v_task.organization_id
         and t.checkin_task_id = v_task.checkin_task_id;
    else
      perform rubis.fail_attempt(
        v_task, rubis.latest_checkin_mail(v_task), 'unknown',
        'the worker did not come back before its lease ran out');
    end if;
    v_recovered := v_recovered + 1;
  end loop;
  return v_recovered;
end;
$$;
comment on function rubis.recover_checkins(int) is
  'Take back at most p_limit check-ins whose lease has run out; returns how many.';
