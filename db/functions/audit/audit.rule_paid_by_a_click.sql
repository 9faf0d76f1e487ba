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
       and c.outcome = 'paid')
  -- Or on the page of the mail that paid was clicked.
  and not exists (
    select from rubis.checkin_task as t
      join rubis.user_mail as u
        on u.organization_id = t.organization_id and u.checkin_task_id = t.checkin_task_id
      join rubis.user_mail_attempt as a
        on a.organization_id = u.organization_id and a.user_mail_id = u.user_mail_id
      join rubis.checkin_click as c
        on c.organization_id = a.organization_id and c.user_mail_attempt_id = a.user_mail_attempt_id
     where t.organization_id = i.organization_id and t.invoice_id = i.invoice_id
       and c.outcome = 'paid');

comment on view audit.rule_paid_by_a_click is
  'An invoice paid via check-in was settled by a click, and the click is on record.';
