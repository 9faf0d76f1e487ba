-- A relance in status sending is not among them: its letter cannot be called back.

create view audit.rule_relance_ahead_invoice_open as
select r.organization_id, r.invoice_id, r.relance_id, r.status, i.status as invoice_status,
       'cancel the relance: set status cancelled, cancelled_at, cancel_reason, '
         'and its other times to null' as remedy
from rubis.relance as r
join rubis.invoice as i on i.organization_id = r.organization_id and i.invoice_id = r.invoice_id
where r.status in ('scheduled', 'held', 'unconfirmed') and i.status <> 'open';

comment on view audit.rule_relance_ahead_invoice_open is
  'A relance ahead has an open invoice: no client is reminded of one that is settled.';
