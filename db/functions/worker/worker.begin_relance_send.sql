create or replace function worker.begin_relance_send(
  p_organization_id bigint, p_relance_id bigint, p_message_id text
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Begin one attempt to send a relance: ask for the verdict again under lock, record the attempt,
-- take the lease. The organization is locked first, so that one transaction at a time counts its
-- quota; then client, invoice and relance, as audit.lock_order has it.
--   Called by  worker/relances.py
--   Writes     relance, relance_mail
--   Raises     RB404
declare
  v_relance rubis.relance;
  v_verdict rubis.verdict;
  v_letter jsonb;
  v_relance_mail_id bigint;
  v_word_at timestamptz;
begin
  perform from rubis.organization as o
    where o.organization_id = p_organization_id for no key update;
  perform rubis.lock_client(p_organization_id, i.client_id)
     from rubis.relance as r
     join rubis.invoice as i
       on i.organization_id = r.organization_id and i.invoice_id = r.invoice_id
    where r.organization_id = p_organization_id and r.relance_id = p_relance_id;
  v_relance := rubis.lock_relance(p_organization_id, p_relance_id);
  if v_relance.status <> 'queued' then
    return jsonb_build_object('skip_reason', 'relance is ' || v_relance.status);
  end if;
  v_verdict := rubis.judge_relance(v_relance);
  if v_verdict.verdict <> 'leave' then
    return jsonb_build_object('skip_reason', v_verdict.reason);
  end if;
  v_letter := rubis.relance_letter(
    p_organization_id, v_relance.invoice_id, v_relance.step, v_relance.tone);
  update rubis.relance as r
     set status = 'sending', attempts = r.attempts + 1,
         first_attempt_at = coalesce(r.first_attempt_at, rubis.clock()),
         lease_expires_at = rubis.clock() + rubis.send_lease()
   where r.organization_id = p_organization_id and r.relance_id = p_relance_id;
  select (rubis.last_word(i)).word_at into v_word_at from rubis.invoice as i
   where i.organization_id = p_organization_id and i.invoice_id = v_relance.invoice_id;
  insert into rubis.relance_mail as m (
    organization_id, relance_id, invoice_id, to_address, message_id, word_at, word_age_days,
    word_valid_days)
  select p_organization_id, p_relance_id, v_relance.invoice_id, v_letter ->> 'to_address',
         p_message_id, v_word_at,
         (rubis.clock() at time zone o.time_zone)::date
           - (v_word_at at time zone o.time_zone)::date,
         o.question_valid_days
    from rubis.organization as o
   where o.organization_id = p_organization_id
  returning m.relance_mail_id into v_relance_mail_id;
  return jsonb_build_object('relance_mail_id', v_relance_mail_id, 'letter', v_letter);
end;
$$;
comment on function worker.begin_relance_send(bigint, bigint, text) is
  'Begin one attempt to send a relance: {relance_mail_id, letter}, or {skip_reason}. RB404.';
