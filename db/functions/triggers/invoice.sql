-- invoice, in firing order. All effects of the flow hang here, so whoever writes an invoice brings them about.

create or replace trigger invoice_00_refuse_tenant_change
before update of organization_id on rubis.invoice
for each row execute function rubis.refuse_tenant_change();

create or replace trigger invoice_10_fill
before insert or update of status on rubis.invoice
for each row execute function rubis.fill_invoice();

create or replace trigger invoice_20_guard_status
before insert or update of status on rubis.invoice
for each row execute function rubis.guard_status();

create or replace trigger invoice_30_guard_facts
before update of client_id, number, issued_on, due_on, amount_cents, currency on rubis.invoice
for each row execute function rubis.guard_invoice_facts();

create or replace trigger invoice_50_effects
after insert or update of
status, client_id, number, due_on, amount_cents, currency, relances_off, paused_until, pause_reason on rubis.invoice
for each row execute function rubis.invoice_effects();
