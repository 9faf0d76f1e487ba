create or replace function worker.finish_relance_send(
  p_organization_id bigint, p_relance_mail_id bigint
)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- The letter was accepted: in one transaction the relance is sent and the next one is ahead. A
-- worker given up for dead also completes a relance that is unconfirmed, scheduled again or
-- cancelled by now. If a later attempt is being sent, the relance is left to that one.
--   Called by  worker/relances.py
--   Writes     relance_mail, relance, activity_event
--   Raises     RB404
declare
  v_relance_id bigint;
  v_relance rubis.relance;
  v_now timestamptz := rubis.clock();
begin
  select m.relance_id into v_relance_id from rubis.relance_mail as m
   where m.organization_id = p_organization_id and m.relance_mail_id = p_relance_mail_id;
  v_relance := rubis.lock_relance(p_organization_id, v_relance_id);
  update rubis.relance_mail as m
     set accepted_at = v_now, failed_at = null, failure_class = null, failure_detail = null
   where m.organization_id = p_organization_id and m.relance_mail_id = p_relance_mail_id
     and m.accepted_at is null and (m.failure_class is null or m.failure_class = 'unknown');
  if not found then
    return;
  end if;
  if v_relance.status <> 'sent'
    and (v_relance.status <> 'sending'
        or p_relance_mail_id = rubis.latest_relance_mail(v_relance)) then
    perform rubis.complete_relance(v_relance, v_now, 'relance_sent');
  end if;
end;
$$;
comment on function worker.finish_relance_send(bigint, bigint) is
  'Record that a letter was accepted. RB404.';
