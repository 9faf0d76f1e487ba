-- agenda, in firing order.

create or replace trigger agenda_00_refuse_tenant_change
before update of organization_id on rubis.agenda
for each row execute function rubis.refuse_tenant_change();
