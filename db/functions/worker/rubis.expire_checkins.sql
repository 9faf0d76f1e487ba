create or replace function rubis.expire_checkins(p_organization_id bigint, p_limit int)
returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- End the check-ins that had no answer within 24 h. Their trigger lets go the relances that waited
-- for the answer, so the invoices are locked too, in the order of audit.lock_order. Like the rest
-- of a tick it skips rows that others hold.
--   Called by  rubis.tick_pieces
--   Writes     checkin_task, activity_event; relance by its trigger
declare
  v_task_ids bigint[];
  v_expired int;
begin
  -- Listed without a lock, then locked: the list stays on its index.
  select array_agg(l.checkin_task_id) into v_task_ids
    from (
      select t.checkin_task_id
        from rubis.checkin_task as t
       where t.organization_id = p_organization_id and t.status = 'sent'
         and t.expires_at <= rubis.clock()
       order by t.expires_at
       limit p_limit) as l;
  with locked as materialized (
    select t.organization_id, t.checkin_task_id, t.status, t.expires_at
      from rubis.checkin_task as t
      join rubis.invoice as i
        on i.organization_id = t.organization_id and i.invoice_id = t.invoice_id
      join rubis.planning on planning.organization_id = t.organization_id
     where t.organization_id = p_organization_id and t.checkin_task_id = any (v_task_ids)
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
comment on function rubis.expire_checkins(bigint, int) is
  'Expire at most p_limit check-ins of an organization whose links have run out; returns how many.';
