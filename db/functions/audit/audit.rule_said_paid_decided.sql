-- A paid that did not count is no silence. The history keeps an answer that was taken back later.

create view audit.rule_said_paid_decided as
select m.organization_id, m.invoice_id, m.relance_id, m.mail_id, m.attempt, m.attempted_at,
       i.said_paid_at,
       'find out who wrote past worker.begin_mails: '
         'the client may have paid before the letter' as remedy
from audit.letter_invoices as m
join rubis.invoice as i on i.organization_id = m.organization_id and i.invoice_id = m.invoice_id
where m.attempted_at > i.said_paid_at
  and not exists (
    select from rubis.activity_event as e
     where e.organization_id = i.organization_id and e.invoice_id = i.invoice_id
       and e.kind = 'checkin_answered'
       and e.occurred_at between i.said_paid_at and m.attempted_at);

comment on view audit.rule_said_paid_decided is
  'No letter left between a click on paid that did not count and the decision of a user.';
