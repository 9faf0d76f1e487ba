create or replace function rubis.tell_pause(
  p_invoice rubis.invoice, p_was_until date, p_until date, p_reason text, p_label text default null
)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Write an activity event if the relances of an invoice are paused or resumed.
--   Called by  rubis.invoice_effects, rubis.client_effects
--   Writes     activity_event
  insert into rubis.activity_event (organization_id, kind, label, invoice_id, data)
  select p_invoice.organization_id,
         case when p_until is null then 'relances_resumed' else 'relances_paused' end,
         coalesce(p_label, p_reason), p_invoice.invoice_id,
         case when p_until is null then '{}' else
           jsonb_build_object('until', nullif(p_until, 'infinity'), 'reason', p_reason) end
   where p_was_until is distinct from p_until;
$$;
comment on function rubis.tell_pause(rubis.invoice, date, date, text, text) is
  'Write relances_paused or relances_resumed about an invoice, if the end of its pause changed.';
