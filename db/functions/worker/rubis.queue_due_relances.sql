create or replace function rubis.queue_due_relances(p_limit int)
returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Judge the due relances. Those that may leave go into the queue, where at most p_limit wait. The
-- others are put off or held, so that they do not block those behind them. The invoices are locked:
-- what lifts a hold locks the invoice too, so no hold is lifted unseen. An organization whose
-- settings change at this moment is skipped.
--   Called by  worker.tick
--   Writes     relance, the queue
declare
  v_relance rubis.relance;
  v_verdict rubis.verdict;
  v_jobs jsonb[] := array[]::jsonb[];
begin
  for v_relance in
    select r.*
      from rubis.relance as r
      join rubis.invoice as i
        on i.organization_id = r.organization_id and i.invoice_id = r.invoice_id
      join rubis.planning on planning.organization_id = r.organization_id
     where r.status = 'scheduled' and r.next_attempt_at <= rubis.clock()
     order by r.next_attempt_at
     limit p_limit - (
       select count(*) from (
         select from rubis.relance as l
          where l.status in ('queued', 'sending')
            and l.lease_expires_at > rubis.clock()
          limit p_limit) as leased)
       for no key update of i, r skip locked for share of planning skip locked
  loop
    v_verdict := rubis.judge_relance(v_relance);
    if v_verdict.verdict = 'leave' then
      update rubis.relance as r
         set status = 'queued', next_attempt_at = null,
             lease_expires_at = rubis.clock() + rubis.queue_lease()
       where r.organization_id = v_relance.organization_id and r.relance_id = v_relance.relance_id;
      v_jobs := v_jobs || jsonb_build_object(
        'organization_id', v_relance.organization_id, 'relance_id', v_relance.relance_id);
    end if;
  end loop;
  if cardinality(v_jobs) > 0 then
    perform rubis.defer_jobs('relances', 'send_relance', v_jobs);
  end if;
  return cardinality(v_jobs);
end;
$$;
comment on function rubis.queue_due_relances(int) is
  'Fill the queue up to p_limit with due relances that may leave; returns how many it queued.';
