-- user_mail, in firing order.

create or replace trigger user_mail_00_refuse_tenant_change
before update of organization_id on rubis.user_mail
for each row execute function rubis.refuse_tenant_change();

create or replace trigger user_mail_20_guard_status_insert
before insert on rubis.user_mail
for each row when (new.status <> 'scheduled') execute function rubis.guard_status();

create or replace trigger user_mail_20_guard_status_update
before update of status on rubis.user_mail
for each row execute function rubis.guard_status();
