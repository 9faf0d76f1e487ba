create or replace function rubis.ask_after_late_click(p_task rubis.checkin_task)
returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Hold the relance and ask again after a click on paid that came too late to count: the invoice is
-- probably paid. The question is asked now, unless it is being asked already, and at most once in
-- 24 h. The caller holds the invoice, which is open, and p_task, whose link was clicked.
--   Called by  api.answer_checkin, api.confirm_checkin
--   Writes     checkin_task; what rubis.note_said_paid writes
declare
  v_latest rubis.checkin_task;
  v_at timestamptz;
  v_asks boolean;
begin
  select t.* into v_latest from rubis.checkin_task as t
   where t.organization_id = p_task.organization_id and t.invoice_id = p_task.invoice_id
   order by t.checkin_task_id desc limit 1;
  v_at := greatest(rubis.clock(), (
    select max(rubis.question_mailed_at(t.organization_id, t.checkin_task_id)) + interval '24 hours'
      from rubis.checkin_task as t
     where t.organization_id = p_task.organization_id and t.invoice_id = p_task.invoice_id));
  v_asks := v_latest.status not in ('scheduled', 'held', 'sending', 'sent')
    or (v_latest.status = 'scheduled' and v_latest.scheduled_at > v_at)
    -- Its links have run out, and no tick has recorded it yet.
    or (v_latest.status = 'sent' and v_latest.expires_at <= rubis.clock());
  if v_asks then
    perform rubis.schedule_checkin(
      p_task.organization_id, p_task.invoice_id, 'paid was clicked on an expired link', v_at,
      p_by_hand => true);
  end if;
  perform rubis.note_said_paid(p_task);
  return v_asks;
end;
$$;
comment on function rubis.ask_after_late_click(rubis.checkin_task) is
  'Hold the relance of an open invoice and ask about it again, at most once in 24 h; returns '
  'whether a question was scheduled.';
