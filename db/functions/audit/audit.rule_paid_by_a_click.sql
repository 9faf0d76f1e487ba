create view audit.rule_paid_by_a_click as
select i.organization_id, i.invoice_id, i.paid_at,
       'find out who set paid_via to check-in: only a click may; a payment noted by hand is manual'
         as remedy
from rubis.invoice as i
where i.paid_via = 'check-in'
  and not exists (
    select from rubis.checkin_task as t
      join rubis.checkin_mail as m
        on m.organization_id = t.organization_id and m.checkin_task_id = t.checkin_task_id
      join rubis.checkin_click as c
        on c.organization_id = m.organization_id and c.checkin_mail_id = m.checkin_mail_id
     where t.organization_id = i.organization_id and t.invoice_id = i.invoice_id
       and c.outcome = 'paid');

comment on view audit.rule_paid_by_a_click is
  'An invoice paid via check-in was settled by a click, and the click is on record.';
