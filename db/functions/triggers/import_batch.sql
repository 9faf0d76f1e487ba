-- import_batch, in firing order.

create or replace trigger import_batch_00_refuse_tenant_change
before update of organization_id on rubis.import_batch
for each row execute function rubis.refuse_tenant_change();
