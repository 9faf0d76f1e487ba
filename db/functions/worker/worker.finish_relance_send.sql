create or replace function worker.finish_relance_send(p_organization_id bigint, p_relance_mail_id bigint)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- The letter was accepted: the relance has left and the next one is ahead, in one transaction. A worker given up for dead
-- turns unconfirmed into sent, and what became of it meanwhile: to be sent again, or cancelled. Only while a later attempt
-- is on its way does it leave the relance to that one.
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
    and (v_relance.status <> 'sending' or p_relance_mail_id = rubis.latest_relance_mail(v_relance)) then
    perform rubis.complete_relance(v_relance, v_now, 'relance_sent');
  end if;
end;
$$;
comment on function worker.finish_relance_send(bigint, bigint) is
  'Record that a letter was accepted. RB404.';
