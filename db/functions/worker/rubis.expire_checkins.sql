create or replace function rubis.expire_checkins(p_limit int)
returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- End the check-ins that had no answer within 24 h. Their trigger lets go the relances that waited
-- for the answer, so the invoices are locked too, in the order of audit.lock_order. Like the rest
-- of a tick it skips rows that others hold.
--   Called by  worker.tick
--   Writes     checkin_task, activity_event; relance by its trigger
declare
  v_organization_ids bigint[];
  v_task_ids bigint[];
  v_expired int;
begin
  -- Listed without a lock, then locked: the list stays on its index.
  select array_agg(l.organization_id), array_agg(l.checkin_task_id)
    into v_organization_ids, v_task_ids
    from (
      select t.organization_id, t.checkin_task_id
        from rubis.checkin_task as t
       where t.status = 'sent' and t.expires_at <= rubis.clock()
       order by t.expires_at
       limit p_limit) as l;
  with locked as materialized (
    select t.organization_id, t.checkin_task_id, t.status, t.expires_at
      from rubis.checkin_task as t
      join unnest(v_organization_ids, v_task_ids) as l (organization_id, checkin_task_id)
        on l.organization_id = t.organization_id and l.checkin_task_id = t.checkin_task_id
      join rubis.invoice as i
        on i.organization_id = t.organization_id and i.invoice_id = t.invoice_id
      join rubis.planning on planning.organization_id = t.organization_id
       for no key update of i, t skip locked for share of planning skip locked
  ), ended as (
    update rubis.checkin_task as t
       set status = 'expired', ended_at = rubis.clock(), end_reason = 'no answer within 24 h'
      from locked as d
     where t.organization_id = d.organization_id and t.checkin_task_id = d.checkin_task_id
       and d.status = 'sent' and d.expires_at <= rubis.clock()
    returning t.organization_id, t.invoice_id, t.checkin_task_id
  ), told as (
    insert into rubis.activity_event (organization_id, kind, invoice_id, checkin_task_id)
    select e.organization_id, 'checkin_expired', e.invoice_id, e.checkin_task_id from ended as e
    returning 1
  )
  select count(*)::int into v_expired from told;
  return v_expired;
end;
$$;
comment on function rubis.expire_checkins(int) is
  'Expire at most p_limit check-ins whose links have run out; returns how many.';
