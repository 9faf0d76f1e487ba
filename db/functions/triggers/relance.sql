-- relance, in firing order.

create or replace trigger relance_00_refuse_tenant_change
before update of organization_id on rubis.relance
for each row execute function rubis.refuse_tenant_change();

create or replace trigger relance_10_follow_schedule
before update of scheduled_at on rubis.relance
for each row execute function rubis.follow_schedule();

create or replace trigger relance_20_guard_status_insert
before insert on rubis.relance
for each row when (new.status <> 'scheduled') execute function rubis.guard_status();

create or replace trigger relance_20_guard_status_update
before update of status on rubis.relance
for each row execute function rubis.guard_status();

create or replace trigger relance_60_wake_insert
after insert on rubis.relance
referencing new table as changed
for each statement execute function rubis.wake_for_relances();

create or replace trigger relance_60_wake_update
after update on rubis.relance
referencing new table as changed
for each statement execute function rubis.wake_for_relances();
