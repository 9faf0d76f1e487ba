create or replace function rubis.undo_answer(p_task rubis.checkin_task, p_via text)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Take an answer back for a person. From now on the links open a page, because the program that
-- answered may follow them again.
--   Called by  api.confirm_checkin, api.undo_checkin, api.undo_answer
--   Writes     checkin_task, activity_event; what rubis.take_back_answer writes
begin
  -- Before the relance is scheduled again, which is then asked about again.
  update rubis.checkin_task as t
     set undone_at = rubis.clock()
   where t.organization_id = p_task.organization_id and t.checkin_task_id = p_task.checkin_task_id;
  perform rubis.take_back_answer(p_task);
  insert into rubis.activity_event (organization_id, kind, label, invoice_id, checkin_task_id)
  values (
    p_task.organization_id, 'checkin_undone',
    case p_task.answer when 'paid' then 'paid' else 'still pending' end
      || ' taken back, via ' || p_via,
    p_task.invoice_id, p_task.checkin_task_id);
end;
$$;
comment on function rubis.undo_answer(rubis.checkin_task, text) is
  'Take an answer back for a person, via page, receipt or app. The caller holds the locks.';
