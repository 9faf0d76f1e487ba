create or replace function rubis.relance_remedy(
  p_reason text, p_invoice_paused_until date, p_client_paused_until date
)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
-- Name the act that lets a relance go which waits or is held for a reason; wait: time alone does.
--   Called by  rubis.held_letters, rubis.invoice_outlook
  select case
    when p_reason is null or p_reason in ('invoice_paid', 'invoice_cancelled') then null
    when p_reason = 'no_address' then 'add_address'
    when p_reason = 'address_unproven' then 'confirm_address'
    when p_reason = 'invoice_excluded' then 'include'
    when p_reason = 'client_excluded' then 'include_client'
    when p_reason = 'owner_not_asked' then 'ask_now'
    when p_reason = 'owner_being_asked' then 'answer'
    when p_reason = 'owner_said_paid' then 'decide'
    when p_reason = 'unconfirmed' then 'confirm'
    when p_reason <> 'paused' then 'wait'
    when p_invoice_paused_until >= coalesce(p_client_paused_until, '-infinity') then 'resume'
    else 'resume_client' end;
$$;
comment on function rubis.relance_remedy(text, date, date) is
  'The act that frees a relance: add_address, confirm_address, include, include_client, ask_now, '
  'answer, decide, confirm, resume, resume_client or wait; null if none can.';
