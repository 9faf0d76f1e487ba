create or replace function rubis.lock_checkin_task(
  p_organization_id bigint, p_checkin_task_id bigint
)
returns rubis.checkin_task
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Lock a check-in until the transaction ends, after its invoice in the lock order.
--   Called by  api.answer_checkin, api.confirm_checkin, api.undo_checkin, api.undo_answer
--   Raises     RB404
declare
  v_locked record;
begin
  -- Read the row as one value, as rubis.lock_invoice does.
  select t as task into v_locked from rubis.checkin_task as t
   where t.organization_id = p_organization_id and t.checkin_task_id = p_checkin_task_id
     for no key update;
  if not found then
    raise exception using errcode = 'RB404', constraint = 'checkin_task__missing',
      column = 'checkin_task_id',
      message = format('check-in %s does not exist', p_checkin_task_id);
  end if;
  return v_locked.task;
end;
$$;
comment on function rubis.lock_checkin_task(bigint, bigint) is
  'Lock and return a check-in of the organization. RB404.';
