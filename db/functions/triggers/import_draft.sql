-- import_draft, in firing order.

create or replace trigger import_draft_00_refuse_tenant_change
before update of organization_id on rubis.import_draft
for each row execute function rubis.refuse_tenant_change();

create or replace trigger import_draft_20_guard_status_insert
before insert on rubis.import_draft
for each row when (new.status <> 'pending') execute function rubis.guard_status();

create or replace trigger import_draft_20_guard_status_update
before update of status on rubis.import_draft
for each row execute function rubis.guard_status();
