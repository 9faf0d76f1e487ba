-- client, in firing order.

create or replace trigger client_00_refuse_tenant_change
before update of organization_id on rubis.client
for each row execute function rubis.refuse_tenant_change();

create or replace trigger client_10_fill
before update of email on rubis.client
for each row execute function rubis.fill_client();

create or replace trigger client_10_spell
before insert or update of name, email on rubis.client
for each row
when (new.name is not nfc normalized or new.email is not nfc normalized)
execute function rubis.spell('name', 'email');

create or replace trigger client_20_resolve_merge
before insert or update of merged_into_client_id on rubis.client
for each row when (new.merged_into_client_id is not null)
execute function rubis.resolve_merge();

create or replace trigger client_30_doubt_after_pause
before update of email, paused_until on rubis.client
for each row execute function rubis.doubt_after_pause();

create or replace trigger client_40_merge_effects
after update of merged_into_client_id on rubis.client
for each row when (new.merged_into_client_id is distinct from old.merged_into_client_id)
execute function rubis.merge_effects();

create or replace trigger client_50_effects
after update of
email, relances_off, relance_plan_id, paused_until, pause_reason, merged_into_client_id
on rubis.client
for each row execute function rubis.client_effects();
