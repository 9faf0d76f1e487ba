create or replace function rubis.fail_relance(
  p_relance rubis.relance, p_mail_id bigint, p_attempt smallint, p_failure_class text,
  p_retry_at timestamptz
)
returns text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Decide what follows for one relance of a letter that failed; the attempt itself is recorded
-- already. Only the attempt that the relance waits for moves it. A letter of unknown fate is never
-- sent again without the user, even if a slow worker reports later: the client must not get it
-- twice. If the invoice has another client or due date by now, its next relance is scheduled. A
-- relance that was withdrawn from its letter has not failed: the tick judges it again. The caller
-- holds invoice and relance and, for a refusal, the client.
--   Called by  rubis.fail_letter, rubis.withdraw_relances
--   Writes     relance, client, activity_event
declare
  v_now timestamptz := rubis.clock();
  v_latest record := rubis.latest_attempt(
    p_relance.organization_id, null, p_relance.relance_id);
  v_after rubis.failure_outcome;
  v_accepted_at timestamptz;
begin
  if p_relance.status <> 'sending'
    or (v_latest.mail_id, v_latest.attempt) is distinct from (p_mail_id, p_attempt) then
    return p_relance.status::text;
  end if;
  -- An earlier attempt, thought lost and sent again by the user's wish, may have been accepted
  -- meanwhile.
  select min(a.accepted_at) into v_accepted_at
    from rubis.mail_item as x
    join rubis.mail_attempt as a
      on a.organization_id = x.organization_id and a.mail_id = x.mail_id and a.attempt = x.attempt
   where x.organization_id = p_relance.organization_id and x.relance_id = p_relance.relance_id
     and x.withdrawn_at is null;
  if v_accepted_at is not null then
    perform rubis.complete_relance(p_relance, v_accepted_at, 'relance_sent');
    return 'sent';
  end if;
  v_after := rubis.relance_after_failure(p_relance, p_mail_id, p_attempt, p_failure_class);
  update rubis.relance as r
     set status = v_after.status,
         next_look_at = case when v_after.status = 'scheduled' then p_retry_at end,
         cancelled_at = case when v_after.status = 'cancelled' then v_now end,
         cancel_reason = v_after.cancel_reason
   where r.organization_id = p_relance.organization_id and r.relance_id = p_relance.relance_id;
  if v_after.status in ('scheduled', 'cancelled') and exists (
    select from rubis.invoice as i
     where i.organization_id = p_relance.organization_id and i.invoice_id = p_relance.invoice_id
       and i.status = 'open'
       and (i.client_id, i.due_on) is distinct from (p_relance.client_id, p_relance.due_on)
  ) then
    perform rubis.schedule_relance(p_relance.organization_id, p_relance.invoice_id);
  end if;
  if v_after.event_kind is not null then
    perform rubis.add_relance_event(p_relance, v_after.event_kind);
  end if;
  -- Once for all invoices of the letter.
  if v_after.event_kind = 'relance_refused' then
    update rubis.client as c
       set paused_until = 'infinity', pause_reason = 'address refused'
      from rubis.invoice as i
     where i.organization_id = p_relance.organization_id and i.invoice_id = p_relance.invoice_id
       and c.organization_id = i.organization_id
       and c.client_id = rubis.live_client_id(i.organization_id, i.client_id)
       and (c.paused_until, c.pause_reason) is distinct from ('infinity', 'address refused');
  end if;
  return v_after.status;
end;
$$;
comment on function rubis.fail_relance(rubis.relance, bigint, smallint, text, timestamptz) is
  'Move a relance whose letter failed: scheduled for p_retry_at, failed, cancelled or unconfirmed. '
  'Returns its status. The caller holds the locks.';
