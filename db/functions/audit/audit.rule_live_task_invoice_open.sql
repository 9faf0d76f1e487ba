create view audit.rule_live_task_invoice_open as
select t.organization_id, t.invoice_id, t.checkin_task_id, t.status, i.status as invoice_status,
       'cancel the check-in: set status cancelled, ended_at, end_reason, '
         'and the times of its old status to null' as remedy
from rubis.checkin_task as t
join rubis.invoice as i on i.organization_id = t.organization_id and i.invoice_id = t.invoice_id
where t.status in ('scheduled', 'held', 'sending', 'sent') and i.status <> 'open';

comment on view audit.rule_live_task_invoice_open is
  'A live check-in has an open invoice: no user is asked about one that is settled.';
