create or replace function rubis.send_receipt(p_task rubis.checkin_task, p_invoice rubis.invoice)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Confirm an answer of paid to the user, if the organization wishes: an answer nobody gave must not stay unseen. After a click on
-- a link, only when the time for its contradiction is over.
--   Called by  rubis.record_answer
--   Writes     user_mail
  insert into rubis.user_mail (organization_id, user_id, kind, checkin_task_id, data, next_attempt_at)
  select p_task.organization_id, p_invoice.user_id, 'answer_receipt', p_task.checkin_task_id,
         jsonb_build_object(
           'answered_at', p_task.answered_at, 'number', p_invoice.number, 'client_name', c.name,
           'amount_cents', p_invoice.amount_cents, 'currency', p_invoice.currency),
         p_task.answered_at
           + case p_task.answered_via when 'link' then o.contradiction_seconds else 0 end * interval '1 second'
    from rubis.organization as o
    join rubis.client as c on c.organization_id = o.organization_id and c.client_id = p_invoice.client_id
   where o.organization_id = p_task.organization_id and o.answer_receipts;
$$;
comment on function rubis.send_receipt(rubis.checkin_task, rubis.invoice) is
  'Schedule the receipt of an answer of paid given by link or page, if the organization has answer_receipts on.';
