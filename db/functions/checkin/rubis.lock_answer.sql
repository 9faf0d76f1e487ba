create or replace function rubis.lock_answer(
  p_task rubis.checkin_task, p_invoice rubis.invoice, p_in_app boolean default false
)
returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Tell whether the answer may be taken back, and keep that true until the transaction ends: the
-- question that the answer scheduled is locked, so that no tick starts to ask it. The caller holds
-- invoice and check-in.
--   Called by  api.answer_checkin, api.confirm_checkin, api.undo_checkin,
--              api.undo_answer
begin
  perform from rubis.checkin_task as t
   where t.organization_id = p_task.organization_id
     and t.follows_checkin_task_id = p_task.checkin_task_id
   order by t.checkin_task_id
     for no key update;
  return rubis.answer_stands(p_task, p_invoice, p_in_app);
end;
$$;
comment on function rubis.lock_answer(rubis.checkin_task, rubis.invoice, boolean) is
  'Lock what would be taken back with an answer; returns rubis.answer_stands.';
