-- Undo what a tick has queued, as if it had not been.

set local session_replication_role = replica;

update rubis.checkin_task as t
   set status = 'scheduled', next_attempt_at = t.scheduled_at, lease_expires_at = null
  from unnest(%(tasks)s::bigint[]) as d (checkin_task_id)
 where t.organization_id = 1 + (d.checkin_task_id - 1) %% %(organizations)s
   and t.checkin_task_id = d.checkin_task_id;

truncate queue.procrastinate_jobs, queue.procrastinate_events, queue.procrastinate_periodic_defers;
