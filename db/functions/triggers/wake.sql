-- wake, in firing order.

create or replace trigger wake_00_refuse_tenant_change
before update of organization_id on rubis.wake
for each row execute function rubis.refuse_tenant_change();
