create or replace function rubis.decide_said_paid(
  p_invoice rubis.invoice, p_answer text, p_via text
)
returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Record the decision of a user after a link had said paid without counting, as the answer to the
-- last question, even if that one has run out or was answered pending. The caller holds the
-- invoice.
--   Called by  api.confirm_checkin, api.answer_invoice_checkin
--   Writes     checkin_task, relance; what rubis.record_answer writes
declare
  v_task record;
begin
  if not rubis.said_paid(p_invoice) then
    return false;
  end if;
  select t.checkin_task_id, t.status into strict v_task from rubis.checkin_task as t
   where t.organization_id = p_invoice.organization_id and t.invoice_id = p_invoice.invoice_id
   order by t.checkin_task_id desc limit 1
     for no key update;
  if v_task.status = 'cancelled' then
    return false;
  end if;
  perform rubis.record_answer(p_invoice.organization_id, v_task.checkin_task_id, p_answer, p_via);
  if p_answer = 'pending' then
    -- The trigger of an answer releases the relance only if the status has changed.
    perform rubis.release_relance(p_invoice.organization_id, p_invoice.invoice_id);
  end if;
  return true;
end;
$$;
comment on function rubis.decide_said_paid(rubis.invoice, text, text) is
  'Answer the last question about an invoice after a paid that did not count; returns whether '
  'there was anything to decide. The caller holds the invoice.';
