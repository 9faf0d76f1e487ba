create view audit.rule_paid_by_a_click as
select i.organization_id, i.invoice_id, i.paid_at,
       'find out who set paid_via to check-in: only a click may; a payment noted by hand is manual'
         as remedy
from rubis.invoice as i
where i.paid_via = 'check-in'
  and not exists (
    select from rubis.mail_item as x
      join rubis.checkin_click as c
        on c.organization_id = x.organization_id and c.mail_id = x.mail_id
          and c.attempt = x.attempt and c.position = x.position
     where x.organization_id = i.organization_id and x.invoice_id = i.invoice_id
       and c.outcome = 'paid');

comment on view audit.rule_paid_by_a_click is
  'An invoice paid via check-in was settled by a click, and the click is on record.';
