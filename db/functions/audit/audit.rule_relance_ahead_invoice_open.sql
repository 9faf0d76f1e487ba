-- One that is being sent at this moment cannot be called back, so sending is not among them.

create view audit.rule_relance_ahead_invoice_open as
select r.organization_id, r.invoice_id, r.relance_id, r.status, i.status as invoice_status,
       'cancel the relance: set status cancelled, cancelled_at, cancel_reason, and its other times to null' as remedy
from rubis.relance as r
join rubis.invoice as i on i.organization_id = r.organization_id and i.invoice_id = r.invoice_id
where r.status in ('scheduled', 'held', 'queued', 'unconfirmed') and i.status <> 'open';

comment on view audit.rule_relance_ahead_invoice_open is
  'No client is chased for an invoice that is settled: a relance ahead has an open invoice.';
