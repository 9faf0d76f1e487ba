-- This check-in falls due now, in an organization that has nothing else to do. The triggers have no
-- part in it.

set local session_replication_role = replica;

update rubis.checkin_task as t
   set scheduled_at = now() - interval '1 second'
 where t.organization_id = %(organization)s and t.checkin_task_id = %(task)s;
