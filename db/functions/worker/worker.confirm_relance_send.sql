create or replace function worker.confirm_relance_send(
  p_organization_id bigint, p_relance_mail_id bigint
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Give the last word on a letter whose server is ready to take it: judge its relance again, without
-- this attempt, and return what the letter says now, or why it may not leave. The worker then
-- reports it withdrawn. The lease begins again. The locks are those of worker.begin_relance_send;
-- they are not held while the letter leaves.
--   Called by  worker/relances.py
--   Writes     relance
--   Raises     RB404
declare
  v_mail rubis.relance_mail;
  v_relance rubis.relance;
  v_verdict rubis.verdict;
  v_letter jsonb;
begin
  select m.* into v_mail from rubis.relance_mail as m
   where m.organization_id = p_organization_id and m.relance_mail_id = p_relance_mail_id;
  perform from rubis.organization as o
    where o.organization_id = p_organization_id for no key update;
  perform rubis.lock_client(p_organization_id, i.client_id)
     from rubis.invoice as i
    where i.organization_id = p_organization_id and i.invoice_id = v_mail.invoice_id;
  v_relance := rubis.lock_relance(p_organization_id, v_mail.relance_id);
  if v_relance.status <> 'sending' or p_relance_mail_id <> rubis.latest_relance_mail(v_relance) then
    return jsonb_build_object('skip_reason', 'relance is ' || v_relance.status);
  end if;
  v_verdict := rubis.relance_verdict(
    p_organization_id, v_relance.invoice_id, rubis.clock(), p_but_mail_id => p_relance_mail_id);
  if v_verdict.verdict <> 'leave' then
    return jsonb_build_object('skip_reason', v_verdict.reason);
  end if;
  v_letter := rubis.relance_letter(
    p_organization_id, v_relance.invoice_id, v_relance.step, v_relance.tone);
  if rubis.key(v_letter ->> 'to_address') is distinct from rubis.key(v_mail.to_address)
    or not exists (
    select from rubis.invoice as i
     where i.organization_id = p_organization_id and i.invoice_id = v_relance.invoice_id
       and rubis.is_same_client(p_organization_id, i.client_id, v_relance.client_id)
  ) then
    return jsonb_build_object('skip_reason', 'the address changed');
  end if;
  update rubis.relance as r
     set lease_expires_at = rubis.clock() + rubis.send_lease()
   where r.organization_id = p_organization_id and r.relance_id = v_relance.relance_id;
  return jsonb_build_object('letter', v_letter);
end;
$$;
comment on function worker.confirm_relance_send(bigint, bigint) is
  'The last word on a letter before it is handed over: {letter}, or {skip_reason}. RB404.';
