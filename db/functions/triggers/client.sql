-- client, in firing order.

create or replace trigger client_00_refuse_tenant_change
before update of organization_id on rubis.client
for each row execute function rubis.refuse_tenant_change();

create or replace trigger client_10_fill
before update of email on rubis.client
for each row execute function rubis.fill_client();

create or replace trigger client_50_effects
after update of email, relances_off, relance_plan_id, paused_until, pause_reason on rubis.client
for each row execute function rubis.client_effects();
