create or replace function api.preview_relance(p_access_token_hash bytea, p_invoice_id bigint)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- The facts of the letter ahead of an invoice, with all its invoices, when it leaves and when the
-- owner is asked again before it. The API writes the preview from them as the worker writes the
-- letter.
--   Called by  app/api/routes/invoices.py
--   Writes     by rubis.plan_beside what is outdated
--   Raises     RB401, RB404, RB409 relance__none_ahead
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_relance rubis.relance;
  v_ahead record;
begin
  perform rubis.check_invoice(v_actor.organization_id, p_invoice_id);
  perform rubis.plan_beside(v_actor.organization_id, p_invoice_id);
  select r.* into v_relance from rubis.relance as r
   where r.organization_id = v_actor.organization_id and r.invoice_id = p_invoice_id
     and r.status in ('scheduled', 'held', 'sending', 'unconfirmed');
  if not found then
    raise exception using errcode = 'RB409', constraint = 'relance__none_ahead',
      column = 'invoice_id',
      message = format('no relance is ahead of invoice %s', p_invoice_id);
  end if;
  v_ahead := rubis.letter_ahead(v_relance);
  return jsonb_build_object(
    'asks_at', v_ahead.asks_at, 'leaves_at', v_ahead.leaves_at,
    'letter', rubis.relance_letter(
      v_actor.organization_id, v_ahead.relance_ids, v_ahead.leaves_at));
end;
$$;
comment on function api.preview_relance(bytea, bigint) is
  'The letter ahead of an invoice: {asks_at, leaves_at, letter: its facts}. RB401, RB404, RB409.';
