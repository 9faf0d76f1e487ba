create or replace function rubis.queue_due_checkins(p_limit int)
returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Move due check-ins into the queue, each with a lease: the moment by which a worker must have
-- begun. At most p_limit wait in the queue. The rest waits in our table, where no lease runs.
--   Called by  worker.tick
--   Writes     checkin_task, the queue
declare
  v_jobs jsonb[];
  v_waiting int := (
    select count(*)::int from (
      select from rubis.checkin_task as t
       where t.status in ('queued', 'sending')
         and t.lease_expires_at > rubis.clock()
       limit p_limit) as leased);
begin
  with due as (
    select t.organization_id, t.checkin_task_id
      from rubis.checkin_task as t
     where t.status = 'scheduled' and t.next_attempt_at <= rubis.clock()
     order by t.next_attempt_at
     limit p_limit - v_waiting
       for no key update skip locked
  ), moved as (
    update rubis.checkin_task as t
       set status = 'queued', next_attempt_at = null,
           lease_expires_at = rubis.clock() + rubis.queue_lease()
      from due as d
     where t.organization_id = d.organization_id and t.checkin_task_id = d.checkin_task_id
    returning t.organization_id, t.checkin_task_id
  )
  select array_agg(
    jsonb_build_object('organization_id', m.organization_id, 'checkin_task_id', m.checkin_task_id))
    into v_jobs from moved as m;
  if v_jobs is null then
    return 0;
  end if;
  perform rubis.defer_jobs('checkins', 'send_checkin', v_jobs);
  return cardinality(v_jobs);
end;
$$;
comment on function rubis.queue_due_checkins(int) is
  'Fill the queue up to p_limit with due check-ins; returns how many it moved.';
