-- relance_plan_step, in firing order.

create or replace trigger relance_plan_step_00_refuse_tenant_change
before update of organization_id on rubis.relance_plan_step
for each row execute function rubis.refuse_tenant_change();

-- Statement triggers: a plan is changed as a whole, and a row trigger would plan every invoice
-- again for each of its steps. A transition table allows one event per trigger.
create or replace trigger relance_plan_step_50_effects_insert
after insert on rubis.relance_plan_step
referencing new table as changed
for each statement execute function rubis.plan_effects();

create or replace trigger relance_plan_step_50_effects_update
after update on rubis.relance_plan_step
referencing new table as changed
for each statement execute function rubis.plan_effects();

create or replace trigger relance_plan_step_50_effects_delete
after delete on rubis.relance_plan_step
referencing old table as changed
for each statement execute function rubis.plan_effects();
