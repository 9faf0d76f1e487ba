create or replace function rubis.fail_relance(
  p_relance rubis.relance, p_relance_mail_id bigint, p_failure_class text, p_failure_detail text
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Record how a letter failed. If it is the attempt that its relance waits for, decide what follows.
-- A letter of unknown fate is never sent again without the user, even if a slow worker reports
-- later: the client must not get it twice. If the invoice has another client or due date by now,
-- its next relance is scheduled. A letter that was withdrawn is no failure: the tick
-- judges its relance again. The caller holds invoice and relance and, for a refusal,
-- the client.
--   Called by  worker.fail_relance_send, rubis.recover_relances
--   Writes     relance_mail, relance, client, activity_event
declare
  v_now timestamptz := rubis.clock();
  v_after rubis.failure_outcome;
  v_accepted_at timestamptz;
begin
  update rubis.relance_mail as m
     set failed_at = v_now, failure_class = p_failure_class,
         failure_detail = left(p_failure_detail, 500)
   where m.organization_id = p_relance.organization_id and m.relance_mail_id = p_relance_mail_id
     and m.accepted_at is null and m.failed_at is null;
  if p_relance.status <> 'sending' or p_relance_mail_id <> rubis.latest_relance_mail(p_relance) then
    return;
  end if;
  -- An earlier attempt, thought lost and sent again by the user's wish, may have been accepted
  -- meanwhile.
  select min(m.accepted_at) into v_accepted_at from rubis.relance_mail as m
   where m.organization_id = p_relance.organization_id and m.relance_id = p_relance.relance_id;
  if v_accepted_at is not null then
    perform rubis.complete_relance(p_relance, v_accepted_at, 'relance_sent');
    return;
  end if;
  v_after := rubis.relance_after_failure(p_relance, p_relance_mail_id, p_failure_class);
  update rubis.relance as r
     set status = v_after.status, lease_expires_at = null,
         next_attempt_at = case when v_after.status = 'scheduled' then
           v_now + rubis.retry_delay(p_relance.attempts, p_failure_class) end,
         first_attempt_at = case when p_failure_class not in ('operator', 'withdrawn')
           then p_relance.first_attempt_at end,
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
  if v_after.event_kind = 'relance_refused' then
    update rubis.client as c
       set paused_until = 'infinity', pause_reason = 'address refused'
      from rubis.invoice as i
     where i.organization_id = p_relance.organization_id and i.invoice_id = p_relance.invoice_id
       and c.organization_id = i.organization_id
       and c.client_id = rubis.live_client_id(i.organization_id, i.client_id);
  end if;
end;
$$;
comment on function rubis.fail_relance(rubis.relance, bigint, text, text) is
  'Record the failure of a letter; retry, fail, cancel or '
  'leave its relance unconfirmed. The caller holds the locks.';
