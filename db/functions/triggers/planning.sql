-- planning, in firing order.

create or replace trigger planning_00_refuse_tenant_change
before update of organization_id on rubis.planning
for each row execute function rubis.refuse_tenant_change();
