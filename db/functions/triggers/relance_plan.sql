-- relance_plan, in firing order.

create or replace trigger relance_plan_00_refuse_tenant_change
before update of organization_id on rubis.relance_plan
for each row execute function rubis.refuse_tenant_change();

create or replace trigger relance_plan_10_spell
before insert or update of name on rubis.relance_plan
for each row when (new.name is not nfc normalized) execute function rubis.spell('name');
