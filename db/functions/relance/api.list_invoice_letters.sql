create or replace function api.list_invoice_letters(p_access_token_hash bytea, p_invoice_id bigint)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- List the letters about an invoice that left, or may have, with the exact text as long as it is
-- kept, and all invoices that each was about.
--   Called by  app/api/routes/invoices.py
--   Raises     RB401, RB404
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
begin
  perform rubis.check_invoice(v_actor.organization_id, p_invoice_id);
  return jsonb_build_object(
    'items', rubis.letter_texts(v_actor.organization_id, p_invoice_id));
end;
$$;
comment on function api.list_invoice_letters(bytea, bigint) is
  'The letters about an invoice that left, oldest first, with their text: {items}; subject and '
  'body are null once they are kept no longer. RB401, RB404.';
