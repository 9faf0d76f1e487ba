create or replace function api.undo_answer(p_access_token_hash bytea, p_invoice_id bigint)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Take the answer to the question about an invoice back, wherever it was given, with all that it
-- did, for 14 days. The question is open again until its links run out.
--   Called by  app/api/routes/invoices.py
--   Writes     checkin_task, activity_event, invoice, relance
--   Raises     RB401, RB404, RB409 checkin_task__not_answered
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_invoice rubis.invoice := rubis.lock_invoice(v_actor.organization_id, p_invoice_id);
  v_task rubis.checkin_task := rubis.last_answer(v_actor.organization_id, p_invoice_id);
begin
  if v_task.checkin_task_id is not null then
    v_task := rubis.lock_checkin_task(v_actor.organization_id, v_task.checkin_task_id);
  end if;
  if rubis.lock_answer(v_task, v_invoice, true) is not true then
    raise exception using errcode = 'RB409', constraint = 'checkin_task__not_answered',
      column = 'invoice_id',
      message = format('no answer about invoice %s can be taken back', v_invoice.number);
  end if;
  perform rubis.undo_answer(v_task, 'app');
  return rubis.invoice_document(v_actor.organization_id, p_invoice_id);
end;
$$;
comment on function api.undo_answer(bytea, bigint) is
  'Take the answer about an invoice back, with all that it did, for 14 days. RB401, RB404, RB409.';
