-- checkin_task, in firing order.

create or replace trigger checkin_task_00_refuse_tenant_change
before update of organization_id on rubis.checkin_task
for each row execute function rubis.refuse_tenant_change();

create or replace trigger checkin_task_20_guard_status_insert
before insert on rubis.checkin_task
for each row when (new.status <> 'scheduled') execute function rubis.guard_status();

create or replace trigger checkin_task_20_guard_status_update
before update of status on rubis.checkin_task
for each row execute function rubis.guard_status();

create or replace trigger checkin_task_50_effects
after update of status on rubis.checkin_task
for each row
when (new.status = 'expired' or new.answer = 'still_pending')
execute function rubis.checkin_effects();

create or replace trigger checkin_task_60_wake_insert
after insert on rubis.checkin_task
referencing new table as changed
for each statement execute function rubis.wake_for_checkins();

create or replace trigger checkin_task_60_wake_update
after update on rubis.checkin_task
referencing new table as changed
for each statement execute function rubis.wake_for_checkins();
