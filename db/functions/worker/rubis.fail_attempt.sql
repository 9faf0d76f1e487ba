create or replace function rubis.fail_attempt(
  p_task rubis.checkin_task, p_checkin_mail_id bigint, p_class text, p_detail text
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Record how one mail failed. If it is the attempt that its check-in waits for, retry or fail the
-- check-in. The caller holds the check-in. Operator failures never fail a check-in and do not count
-- towards its day of retries.
--   Called by  worker.fail_checkin_send, rubis.recover_checkins
--   Writes     checkin_mail, checkin_task, activity_event
declare
  v_now timestamptz := rubis.clock();
  v_gives_up boolean := p_class = 'refused'
    or (p_class <> 'operator' and rubis.retries_are_over(p_task.attempts, p_task.first_attempt_at));
begin
  update rubis.checkin_mail as m
     set failed_at = v_now, failure_class = p_class, failure_detail = left(p_detail, 500)
   where m.organization_id = p_task.organization_id and m.checkin_mail_id = p_checkin_mail_id
     and m.accepted_at is null;
  if p_task.status <> 'sending' or p_checkin_mail_id <> rubis.latest_checkin_mail(p_task) then
    return;
  end if;
  if v_gives_up then
    update rubis.checkin_task as t
       set status = 'failed', lease_expires_at = null, ended_at = v_now,
           end_reason = 'mail ' || p_class
     where t.organization_id = p_task.organization_id
       and t.checkin_task_id = p_task.checkin_task_id;
    insert into rubis.activity_event (organization_id, kind, label, invoice_id, checkin_task_id)
    values (
      p_task.organization_id, 'checkin_failed', 'mail ' || p_class, p_task.invoice_id,
      p_task.checkin_task_id);
  else
    update rubis.checkin_task as t
       set status = 'scheduled', lease_expires_at = null,
           next_attempt_at = v_now + rubis.retry_delay(p_task.attempts, p_class),
           first_attempt_at = case when p_class <> 'operator' then p_task.first_attempt_at end
     where t.organization_id = p_task.organization_id
       and t.checkin_task_id = p_task.checkin_task_id;
  end if;
end;
$$;
comment on function rubis.fail_attempt(rubis.checkin_task, bigint, text, text) is
  'Record the failure of one mail; retry its check-in '
  'later, or fail it. The caller holds the check-in.';
