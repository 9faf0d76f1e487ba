-- Undo what a tick has made of this check-in, as if it had not been.

set local session_replication_role = replica;

update rubis.checkin_task as t
   set scheduled_at = (i.due_on + o.checkin_time) at time zone o.time_zone
  from rubis.invoice as i
  join rubis.organization as o on o.organization_id = i.organization_id
 where t.organization_id = %(organization)s and t.checkin_task_id = %(task)s
   and i.organization_id = t.organization_id and i.invoice_id = t.invoice_id;

delete from rubis.mail as m where m.organization_id = %(organization)s and m.status = 'scheduled';

update rubis.agenda as a
   set next_due_at = rubis.next_due_at(a.organization_id)
 where a.organization_id = %(organization)s;
