-- app_user, in firing order.

create or replace trigger app_user_00_refuse_tenant_change
before update of organization_id on rubis.app_user
for each row execute function rubis.refuse_tenant_change();

create or replace trigger app_user_10_fill
before update of email, email_proven_at on rubis.app_user
for each row execute function rubis.fill_app_user();

create or replace trigger app_user_10_spell
before insert or update of email on rubis.app_user
for each row when (new.email is not nfc normalized) execute function rubis.spell('email');

create or replace trigger app_user_60_wake
after update of release_due, email, email_proven_at on rubis.app_user
for each row when (new.release_due) execute function rubis.wake_for_user();
