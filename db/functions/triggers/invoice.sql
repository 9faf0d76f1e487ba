-- invoice, in firing order. All effects of the flow hang here, so every writer of an invoice
-- brings them about.

create or replace trigger invoice_00_refuse_delete
before delete on rubis.invoice
for each row execute function rubis.refuse_invoice_delete();

create or replace trigger invoice_00_refuse_tenant_change
before update of organization_id on rubis.invoice
for each row execute function rubis.refuse_tenant_change();

-- A plain new invoice has nothing to fill in. The condition skips the call for it, because many may
-- be issued at once.
create or replace trigger invoice_10_fill_insert
before insert on rubis.invoice
for each row
when (new.user_id is null or new.status <> 'open' or num_nonnulls(new.paid_at, new.paid_via,
  new.cancelled_at) > 0)
execute function rubis.fill_invoice();

-- No condition: PostgreSQL would parse it in every statement, and an invoice that changes status
-- always has something to fill in or to empty.
create or replace trigger invoice_10_fill_update
before update of status on rubis.invoice
for each row execute function rubis.fill_invoice();

create or replace trigger invoice_10_spell
before insert or update of number on rubis.invoice
for each row when (new.number is not nfc normalized) execute function rubis.spell('number');

create or replace trigger invoice_15_stamp_insert
before insert on rubis.invoice
for each row execute function rubis.stamp_invoice();

create or replace trigger invoice_15_stamp_update
before update of status on rubis.invoice
for each row when (new.status = 'open' and old.status <> 'open')
execute function rubis.stamp_invoice();

create or replace trigger invoice_20_guard_status_insert
before insert on rubis.invoice
for each row when (new.status <> 'open') execute function rubis.guard_status();

create or replace trigger invoice_20_guard_status_update
before update of status on rubis.invoice
for each row execute function rubis.guard_status();

create or replace trigger invoice_30_guard_facts
before update of
client_id, number, issued_on, due_on, amount_cents, currency, paid_at, paid_via, cancelled_at
on rubis.invoice
for each row execute function rubis.guard_invoice_facts();

create or replace trigger invoice_30_doubt_after_pause
before update of paused_until on rubis.invoice
for each row execute function rubis.doubt_after_pause();

-- A statement trigger, because many may be issued at once.
create or replace trigger invoice_50_effects_insert
after insert on rubis.invoice
referencing new table as issued
for each statement execute function rubis.issue_effects();

create or replace trigger invoice_50_effects_update
after update of
status, client_id, number, issued_on, due_on, amount_cents, currency,
relances_off, paused_until, pause_reason
on rubis.invoice
for each row execute function rubis.invoice_effects();
