-- address_change, in firing order.

create or replace trigger address_change_00_refuse_tenant_change
before update of organization_id on rubis.address_change
for each row execute function rubis.refuse_tenant_change();
