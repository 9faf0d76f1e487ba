create or replace function rubis.weigh_other_answer(
  p_task rubis.checkin_task, p_invoice_status text
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Keep what the other link says of an answer that stands: an answer whose time to be contradicted
-- was not over proves no address, and paid after pending is no silence. The caller holds invoice
-- and check-in.
--   Called by  api.answer_checkin
--   Writes     checkin_task; what rubis.note_said_paid writes
begin
  update rubis.checkin_task as t
     set proof_due_at = null
   where t.organization_id = p_task.organization_id and t.checkin_task_id = p_task.checkin_task_id
     and t.proof_due_at > rubis.clock();
  if p_task.answer = 'still_pending' and p_invoice_status = 'open' then
    perform rubis.note_said_paid(p_task);
  end if;
end;
$$;
comment on function rubis.weigh_other_answer(rubis.checkin_task, text) is
  'What follows when the link of the other answer is opened and the recorded answer stands.';
