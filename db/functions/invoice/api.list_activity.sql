create or replace function api.list_activity(
  p_access_token_hash bytea, p_invoice_id bigint default null, p_limit int default 50,
  p_cursor text default null, p_client_id bigint default null, p_kind text[] default null,
  p_from date default null, p_until date default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- List activity events, newest first, one page per call: of one invoice, of a client's invoices, of
-- some kinds, from a local day on and until one is over.
--   Called by  app/api/routes/activity.py, app/api/routes/invoices.py, app/web/pages/activity.py
--   Raises     RB401, RB404, RB422
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_limit int := rubis.check_limit(p_limit);
begin
  if p_invoice_id is not null then
    perform rubis.check_invoice(v_actor.organization_id, p_invoice_id);
  end if;
  return rubis.list_activity(
    v_actor.organization_id, v_limit, p_cursor, p_invoice_id, p_client_id, p_kind, p_from,
    p_until);
end;
$$;
comment on function api.list_activity(
  bytea, bigint, int, text, bigint, text[], date, date) is
  'Activity events of an invoice, a client, some kinds, some days, or all, newest first: {items, '
  'next_cursor}. RB401, RB404, RB422.';
