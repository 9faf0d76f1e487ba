-- mail, in firing order.

create or replace trigger mail_00_refuse_tenant_change
before update of organization_id on rubis.mail
for each row execute function rubis.refuse_tenant_change();

create or replace trigger mail_20_guard_status_insert
before insert on rubis.mail
for each row when (new.status <> 'scheduled') execute function rubis.guard_status();

create or replace trigger mail_20_guard_status_update
before update of status on rubis.mail
for each row execute function rubis.guard_status();

create or replace trigger mail_60_wake_insert
after insert on rubis.mail
referencing new table as changed
for each statement execute function rubis.wake_for_mails();

create or replace trigger mail_60_wake_update
after update on rubis.mail
referencing new table as changed
for each statement execute function rubis.wake_for_mails();
