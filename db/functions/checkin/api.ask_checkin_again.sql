create or replace function api.ask_checkin_again(p_access_token_hash bytea, p_invoice_id bigint)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Ask now, by a new check-in that replaces the live one. The relance ahead leaves at least 24 h
-- later.
--   Called by  app/api/routes/invoices.py
--   Writes     checkin_task, relance
--   Raises     RB401, RB404, RB409 invoice__settled
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_invoice rubis.invoice := rubis.lock_invoice(v_actor.organization_id, p_invoice_id);
begin
  if v_invoice.status <> 'open' then
    raise exception using errcode = 'RB409', constraint = 'invoice__settled', column = 'invoice_id',
      message = format('invoice %s is %s', v_invoice.number, v_invoice.status);
  end if;
  perform rubis.schedule_checkin(
    v_actor.organization_id, p_invoice_id, 'asked again', rubis.clock(), p_by_hand => true);
  perform rubis.schedule_relance(v_actor.organization_id, p_invoice_id);
  return rubis.invoice_document(v_actor.organization_id, p_invoice_id);
end;
$$;
comment on function api.ask_checkin_again(bytea, bigint) is
  'Ask again now about an open invoice. RB401, RB404, RB409.';
