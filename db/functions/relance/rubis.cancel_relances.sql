create or replace function rubis.cancel_relances(
  p_organization_id bigint, p_invoice_id bigint, p_reason text,
  p_statuses text[] default array['scheduled', 'held', 'unconfirmed']
)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Cancel the relance ahead of an invoice. By default one that is being sent stays: its mail may
-- already have left.
--   Called by  rubis.invoice_effects, rubis.schedule_relance, api.resend_relance
--   Writes     relance
  update rubis.relance as r
     set status = 'cancelled', next_look_at = null, hold_reason = null,
         cancelled_at = rubis.clock(), cancel_reason = p_reason
   where r.organization_id = p_organization_id and r.invoice_id = p_invoice_id
     and r.status = any (p_statuses)
     and r.status in ('scheduled', 'held', 'sending', 'unconfirmed');
$$;
comment on function rubis.cancel_relances(bigint, bigint, text, text[]) is
  'Cancel the relance ahead of an invoice, if any, in one of these statuses.';
