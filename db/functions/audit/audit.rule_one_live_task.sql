create view audit.rule_one_live_task as
select t.organization_id, t.invoice_id, count(*) as live_tasks,
       'restore the unique index checkin_task__one_live; cancel all but the last' as remedy
from rubis.checkin_task as t
where t.status in ('scheduled', 'held', 'sending', 'sent')
group by t.organization_id, t.invoice_id
having count(*) > 1;

comment on view audit.rule_one_live_task is
  'At most one check-in of an invoice is live; the index checkin_task__one_live sees to it.';
