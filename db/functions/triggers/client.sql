-- client, in firing order.

create or replace trigger client_00_refuse_tenant_change
before update of organization_id on rubis.client
for each row execute function rubis.refuse_tenant_change();
