create or replace function rubis.recover_relances(p_limit int)
returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Take back what a dead worker held. Queued: no worker began. Sending: the client may have the
-- letter, so the relance becomes unconfirmed. The invoices are locked, so an invoice that is being
-- paid at this moment has no relance ahead afterwards.
--   Called by  worker.tick
--   Writes     relance, relance_mail, activity_event
declare
  v_organization_ids bigint[];
  v_relance_ids bigint[];
  v_relance rubis.relance;
  v_recovered int := 0;
begin
  -- Listed without a lock, then locked: the list stays on its index.
  select array_agg(l.organization_id), array_agg(l.relance_id)
    into v_organization_ids, v_relance_ids
    from (
      select r.organization_id, r.relance_id
        from rubis.relance as r
       where r.status in ('queued', 'sending') and r.lease_expires_at <= rubis.clock()
       order by r.lease_expires_at
       limit p_limit) as l;
  for v_relance in
    select r.*
      from rubis.relance as r
      join unnest(v_organization_ids, v_relance_ids) as l (organization_id, relance_id)
        on l.organization_id = r.organization_id and l.relance_id = r.relance_id
      join rubis.invoice as i
        on i.organization_id = r.organization_id and i.invoice_id = r.invoice_id
      join rubis.planning on planning.organization_id = r.organization_id
     order by r.lease_expires_at
       for no key update of i, r skip locked for share of planning skip locked
  loop
    -- It may have changed before it was locked.
    continue when v_relance.status not in ('queued', 'sending')
      or v_relance.lease_expires_at > rubis.clock();
    if v_relance.status = 'queued' then
      update rubis.relance as r
         set status = 'scheduled', next_attempt_at = rubis.clock(), lease_expires_at = null
       where r.organization_id = v_relance.organization_id and r.relance_id = v_relance.relance_id;
    else
      perform rubis.fail_relance(
        v_relance, rubis.latest_relance_mail(v_relance), 'unknown',
        'the worker did not come back before its lease ran out');
    end if;
    v_recovered := v_recovered + 1;
  end loop;
  return v_recovered;
end;
$$;
comment on function rubis.recover_relances(int) is
  'Take back at most p_limit relances whose lease has run out; returns how many.';
