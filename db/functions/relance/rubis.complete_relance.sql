create or replace function rubis.complete_relance(
  p_relance rubis.relance, p_sent_at timestamptz, p_kind text
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Mark a relance sent, record it as p_kind and, if the invoice is open, schedule the next one. The
-- caller holds invoice and relance.
--   Called by  rubis.fail_relance, rubis.finish_letter, api.confirm_relance
--   Writes     relance, activity_event
begin
  update rubis.relance as r
     set status = 'sent', sent_at = p_sent_at, next_look_at = null, hold_reason = null,
         cancelled_at = null, cancel_reason = null
   where r.organization_id = p_relance.organization_id and r.relance_id = p_relance.relance_id;
  perform rubis.add_relance_event(p_relance, p_kind);
  if exists (
    select from rubis.invoice as i
     where i.organization_id = p_relance.organization_id and i.invoice_id = p_relance.invoice_id
       and i.status = 'open'
  ) then
    perform rubis.schedule_relance(p_relance.organization_id, p_relance.invoice_id);
  end if;
end;
$$;
comment on function rubis.complete_relance(rubis.relance, timestamptz, text) is
  'Mark a relance sent and schedule the next one.';
