-- These check-ins fall due now. The answer's and the mail's triggers have no part in it.

set local session_replication_role = replica;

update rubis.checkin_task as t
   set next_attempt_at = now() - interval '1 second'
  from unnest(%(tasks)s::bigint[]) as d (checkin_task_id)
 where t.organization_id = 1 + (d.checkin_task_id - 1) %% %(organizations)s
   and t.checkin_task_id = d.checkin_task_id;
