create or replace function rubis.invoice_outlook(
  p_organization_id bigint, p_invoice_id bigint, p_ahead jsonb
)
returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Say in a word what follows for an invoice, and why: settled; none (no relance is left); leaving;
-- leaves as planned; waits, and leaves later; held, and the act that frees it. p_ahead is what
-- rubis.relances_document shows of the relance ahead.
--   Called by  api.show_invoice
begin
  return (
    select jsonb_build_object(
        'state', case
          when i.status <> 'open' then 'settled'
          when p_ahead is null or p_ahead = 'null' then 'none'
          when p_ahead ->> 'status' = 'sending' then 'leaving'
          when p_ahead ->> 'leaves_at' is null then 'held'
          when p_ahead ->> 'reason' is null then 'leaves'
          else 'waits' end,
        'reason', p_ahead -> 'reason',
        'remedy', rubis.relance_remedy(p_ahead ->> 'reason', i.paused_until, c.paused_until),
        'asks_at', p_ahead -> 'asks_at', 'leaves_at', p_ahead -> 'leaves_at')
      from rubis.invoice as i
     cross join lateral rubis.reminded_client(i.organization_id, i.client_id) as c
     where i.organization_id = p_organization_id and i.invoice_id = p_invoice_id);
end;
$$;
comment on function rubis.invoice_outlook(bigint, bigint, jsonb) is
  'What follows for an invoice, as JSON: {state, reason, remedy, asks_at, leaves_at}.';
