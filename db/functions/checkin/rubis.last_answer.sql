create or replace function rubis.last_answer(p_organization_id bigint, p_invoice_id bigint)
returns rubis.checkin_task
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Find the last check-in of an invoice that was answered. A question that its answer scheduled may
-- follow it.
--   Called by  api.undo_answer, rubis.invoice_acts
  select t.* from rubis.checkin_task as t
   where t.organization_id = p_organization_id and t.invoice_id = p_invoice_id
     and t.status = 'answered'
   order by t.checkin_task_id desc limit 1;
$$;
comment on function rubis.last_answer(bigint, bigint) is
  'The last check-in of an invoice that was answered; null if none was.';
