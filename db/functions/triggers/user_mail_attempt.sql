-- user_mail_attempt, in firing order.

create or replace trigger user_mail_attempt_00_refuse_tenant_change
before update of organization_id on rubis.user_mail_attempt
for each row execute function rubis.refuse_tenant_change();
