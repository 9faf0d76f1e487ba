-- refresh_token, in firing order.

create or replace trigger refresh_token_00_refuse_tenant_change
before update of organization_id on rubis.refresh_token
for each row execute function rubis.refuse_tenant_change();
