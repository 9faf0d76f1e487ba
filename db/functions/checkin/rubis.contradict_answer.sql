create or replace function rubis.contradict_answer(p_task rubis.checkin_task, p_user_id bigint)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Take an answer back because the opposite link was followed at once: a program did that, not a
-- person. From now on the links open a page with two buttons. The caller holds invoice and
-- check-in.
--   Called by  api.answer_checkin
--   Writes     checkin_task, activity_event; what rubis.take_back_answer, rubis.note_said_paid and
--              rubis.advise_confirm write
begin
  -- Before the relance is scheduled again, which is then asked about again.
  update rubis.checkin_task as t
     set contradicted_at = rubis.clock()
   where t.organization_id = p_task.organization_id and t.checkin_task_id = p_task.checkin_task_id;
  perform rubis.take_back_answer(p_task);
  insert into rubis.activity_event (organization_id, kind, label, invoice_id, checkin_task_id)
  values (
    p_task.organization_id, 'checkin_contradicted',
    case p_task.answer when 'paid' then 'paid, then still pending: taken back'
      else 'still pending, then paid: taken back' end,
    p_task.invoice_id, p_task.checkin_task_id);
  perform rubis.note_said_paid(p_task);
  perform rubis.advise_confirm(p_task.organization_id, p_user_id);
end;
$$;
comment on function rubis.contradict_answer(rubis.checkin_task, bigint) is
  'Take back an answer that its opposite followed too soon for a person. The caller holds the '
  'locks.';
