create or replace function worker.finish_checkin_send(
  p_organization_id bigint, p_checkin_mail_id bigint, p_message_id text
)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- The mail was accepted. A worker completes its own attempt only. If a worker given up for dead
-- comes back before the next attempt began, it completes the check-in. After that it leaves the
-- next attempt alone; its link works, so the check-in stays open as long as the link does.
--   Called by  worker/checkins.py
--   Writes     checkin_mail, checkin_task, activity_event
--   Raises     RB404
declare
  v_task rubis.checkin_task := rubis.lock_task_of_mail(p_organization_id, p_checkin_mail_id);
  v_now timestamptz := rubis.clock();
begin
  update rubis.checkin_mail as m
     set accepted_at = v_now, message_id = p_message_id,
         failed_at = null, failure_class = null, failure_detail = null
   where m.organization_id = p_organization_id and m.checkin_mail_id = p_checkin_mail_id
     and m.accepted_at is null;
  if not found then
    return;
  end if;
  if v_task.status in ('scheduled', 'queued', 'sending')
    and p_checkin_mail_id = rubis.latest_checkin_mail(v_task) then
    update rubis.checkin_task as t
       set status = 'sent', sent_at = v_now, expires_at = v_now + interval '24 hours',
           lease_expires_at = null,
           next_attempt_at = null
     where t.organization_id = p_organization_id and t.checkin_task_id = v_task.checkin_task_id;
    insert into rubis.activity_event (
      organization_id, kind, invoice_id, checkin_task_id, occurred_at)
    values (p_organization_id, 'checkin_sent', v_task.invoice_id, v_task.checkin_task_id, v_now);
  elsif v_task.status = 'sent' then
    update rubis.checkin_task as t
       set expires_at = greatest(t.expires_at, v_now + interval '24 hours')
     where t.organization_id = p_organization_id and t.checkin_task_id = v_task.checkin_task_id;
  end if;
end;
$$;
comment on function worker.finish_checkin_send(bigint, bigint, text) is
  'Record that a check-in mail was accepted, with its Message-ID. RB404.';
