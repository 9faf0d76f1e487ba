-- relance_mail, in firing order.

create or replace trigger relance_mail_00_refuse_tenant_change
before update of organization_id on rubis.relance_mail
for each row execute function rubis.refuse_tenant_change();
