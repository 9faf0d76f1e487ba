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
  v_organization_ids bigint[];
  v_relance_ids bigint[];
  v_relance rubis.relance;
  v_verdict rubis.verdict;
  v_jobs jsonb[] := array[]::jsonb[];
begin
  -- Listed without a lock, then locked: the list stays on its index.
  select array_agg(l.organization_id), array_agg(l.relance_id)
    into v_organization_ids, v_relance_ids
    from (
      select r.organization_id, r.relance_id
        from rubis.relance as r
       where r.status = 'scheduled' and r.next_attempt_at <= rubis.clock()
       order by r.next_attempt_at
       limit p_limit - (
         select count(*) from (
           select from rubis.relance as w
            where w.status in ('queued', 'sending')
              and w.lease_expires_at > rubis.clock()
            limit p_limit) as leased)) as l;
  for v_relance in
    select r.*
      from rubis.relance as r
      join unnest(v_organization_ids, v_relance_ids) as l (organization_id, relance_id)
        on l.organization_id = r.organization_id and l.relance_id = r.relance_id
      join rubis.invoice as i
        on i.organization_id = r.organization_id and i.invoice_id = r.invoice_id
      join rubis.planning on planning.organization_id = r.organization_id
     order by r.next_attempt_at
       for no key update of i, r skip locked for share of planning skip locked
  loop
    -- It may have changed before it was locked.
    continue when v_relance.status <> 'scheduled' or v_relance.next_attempt_at > rubis.clock();
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
