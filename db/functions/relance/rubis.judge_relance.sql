create or replace function rubis.judge_relance(p_relance rubis.relance)
returns rubis.verdict
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Ask for the verdict of this moment. Unless the relance may leave, put it off until the moment
-- that the verdict names, or hold it with the verdict's reason; its day of retries then starts
-- over. The caller holds invoice and relance.
--   Called by  rubis.queue_due_relances, worker.begin_relance_send
--   Writes     relance
declare
  v_verdict rubis.verdict := rubis.relance_verdict(
    p_relance.organization_id, p_relance.invoice_id, rubis.clock());
begin
  if v_verdict.verdict = 'wait' then
    update rubis.relance as r
       set status = 'scheduled', next_attempt_at = v_verdict.until, lease_expires_at = null,
           first_attempt_at = null
     where r.organization_id = p_relance.organization_id and r.relance_id = p_relance.relance_id;
  elsif v_verdict.verdict = 'hold' then
    update rubis.relance as r
       set status = 'held', hold_reason = v_verdict.reason, next_attempt_at = null,
           lease_expires_at = null,
         first_attempt_at = null
     where r.organization_id = p_relance.organization_id and r.relance_id = p_relance.relance_id;
  end if;
  return v_verdict;
end;
$$;
comment on function rubis.judge_relance(rubis.relance) is
  'The verdict on a relance now; puts it off or holds it if it may not leave.';
