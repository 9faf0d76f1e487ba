create or replace function rubis.lock_link(
  p_token_hash bytea, out link rubis.checkin_link, out invoice rubis.invoice, out task rubis.checkin_task
)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- The invoice and the check-in behind a token, locked in their order; all null if there is none. What the token allows is read
-- again under the locks: an acceptance recorded meanwhile lengthens the link's life.
--   Called by  api.confirm_checkin, api.undo_checkin
begin
  link := rubis.find_link(p_token_hash);
  if link.organization_id is null then
    return;
  end if;
  -- Which invoice a task asks about never changes, so it may be read before the locks are taken in their order.
  invoice := rubis.lock_invoice(link.organization_id, (
    select t.invoice_id from rubis.checkin_task as t
     where t.organization_id = link.organization_id and t.checkin_task_id = link.checkin_task_id));
  task := rubis.lock_checkin_task(link.organization_id, link.checkin_task_id);
  link := rubis.find_link(p_token_hash);
end;
$$;
comment on function rubis.lock_link(bytea) is 'Lock what a token is the right to: the invoice, then the check-in.';
