create view audit.rule_answer_paid_settles as
select t.organization_id, t.invoice_id, t.checkin_task_id, t.answered_at, t.answered_via,
       'the user said paid: mark the invoice paid, and find out who wrote past the functions'
         as remedy
from rubis.checkin_task as t
where t.status = 'answered' and t.answer = 'paid'
  and not exists (
    select from rubis.activity_event as e
     where e.organization_id = t.organization_id and e.invoice_id = t.invoice_id
       and e.kind = 'invoice_paid');

comment on view audit.rule_answer_paid_settles is
  'A check-in answered paid has settled its invoice.';
