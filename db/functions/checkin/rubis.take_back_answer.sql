create or replace function rubis.take_back_answer(p_task rubis.checkin_task)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Undo what an answer did, and only that: the payment with its rubis, the question of the due date
-- that it scheduled, the receipt not yet mailed. The question is open again until its links run
-- out. The caller holds invoice and check-in, and rubis.lock_answer returned true.
--   Called by  rubis.contradict_answer, rubis.undo_answer
--   Writes     checkin_task, relance; invoice and by its triggers rubis and event
begin
  -- This question was never asked; the relance is scheduled by the one that is open again.
  delete from rubis.checkin_task as t
   where t.organization_id = p_task.organization_id
     and t.follows_checkin_task_id = p_task.checkin_task_id;
  update rubis.checkin_task as t
     set status = 'sent', answer = null, answered_at = null, answered_via = null,
         proof_due_at = null, receipt_at = null,
         sent_at = coalesce(t.sent_at, m.mailed_at),
         expires_at = coalesce(t.expires_at, m.mailed_at + interval '24 hours')
    from (
      select rubis.question_mailed_at(p_task.organization_id, p_task.checkin_task_id)) as m (
        mailed_at)
   where t.organization_id = p_task.organization_id and t.checkin_task_id = p_task.checkin_task_id;
  if p_task.answer = 'paid' then
    -- The check-in is under way again, so reopening schedules no other one.
    update rubis.invoice as i
       set status = 'open'
     where i.organization_id = p_task.organization_id and i.invoice_id = p_task.invoice_id;
  else
    perform rubis.schedule_relance(p_task.organization_id, p_task.invoice_id);
  end if;
end;
$$;
comment on function rubis.take_back_answer(rubis.checkin_task) is
  'Take back the answer to a check-in with all that it did; the question is open again. The caller '
  'holds the locks.';
