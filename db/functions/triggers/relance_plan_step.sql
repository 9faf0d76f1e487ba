-- relance_plan_step, in firing order.

create or replace trigger relance_plan_step_00_refuse_tenant_change
before update of organization_id on rubis.relance_plan_step
for each row execute function rubis.refuse_tenant_change();
