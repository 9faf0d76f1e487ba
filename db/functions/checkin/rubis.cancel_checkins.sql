create or replace function rubis.cancel_checkins(
  p_organization_id bigint, p_invoice_id bigint, p_reason text
)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Stop asking about an invoice. A mail in flight is still recorded; its links then lead to expired.
--   Called by  rubis.schedule_checkin, rubis.invoice_effects
--   Writes     checkin_task
  update rubis.checkin_task as t
     set status = 'cancelled', hold_reason = null, ended_at = rubis.clock(), end_reason = p_reason
   where t.organization_id = p_organization_id and t.invoice_id = p_invoice_id
     and t.status in ('scheduled', 'held', 'sending', 'sent');
$$;
comment on function rubis.cancel_checkins(bigint, bigint, text) is
  'Cancel the live check-in of an invoice, if any.';
