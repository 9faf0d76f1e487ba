-- checkin_mail, in firing order.

create or replace trigger checkin_mail_00_refuse_tenant_change
before update of organization_id on rubis.checkin_mail
for each row execute function rubis.refuse_tenant_change();
