create or replace function api.pause_invoice(
  p_access_token_hash bytea, p_invoice_id bigint, p_until date, p_reason text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Stop the relances of an open invoice until a day is over, such as the day the client promised to
-- pay.
--   Called by  app/api/routes/invoices.py
--   Writes     invoice; event and relance by its triggers
--   Raises     RB401, RB404, RB409 invoice__settled, RB422
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_invoice rubis.invoice := rubis.lock_invoice(v_actor.organization_id, p_invoice_id);
begin
  perform rubis.check_pause(v_actor.organization_id, p_until);
  if v_invoice.status <> 'open' then
    raise exception using errcode = 'RB409', constraint = 'invoice__settled', column = 'invoice_id',
      message = format('invoice %s is %s', v_invoice.number, v_invoice.status);
  end if;
  update rubis.invoice as i
     set paused_until = p_until, pause_reason = p_reason
   where i.organization_id = v_actor.organization_id and i.invoice_id = p_invoice_id;
  return rubis.invoice_document(v_actor.organization_id, p_invoice_id);
end;
$$;
comment on function api.pause_invoice(bytea, bigint, date, text) is
  'Pause the relances of an open invoice until a day is over. RB401, RB404, RB409, RB422.';
