create view audit.rule_paid_invoice_has_event as
select i.organization_id, i.invoice_id, i.paid_at, i.paid_via,
       'find out who wrote past the triggers; then write the event and its rubis' as remedy
from rubis.invoice as i
where i.status = 'paid'
  and not exists (
    select from rubis.activity_event as e
     where e.organization_id = i.organization_id and e.invoice_id = i.invoice_id
       and e.kind = 'invoice_paid'
       and e.label = case i.paid_via when 'manual' then 'manual' else 'via ' || i.paid_via end);

comment on view audit.rule_paid_invoice_has_event is
  'A paid invoice has an invoice_paid event that tells how it was paid.';
