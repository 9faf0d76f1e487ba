-- mail_attempt, in firing order.

create or replace trigger mail_attempt_00_refuse_tenant_change
before update of organization_id on rubis.mail_attempt
for each row execute function rubis.refuse_tenant_change();
