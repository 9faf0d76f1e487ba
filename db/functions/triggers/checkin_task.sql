-- checkin_task, in firing order.

create or replace trigger checkin_task_00_refuse_tenant_change
before update of organization_id on rubis.checkin_task
for each row execute function rubis.refuse_tenant_change();

create or replace trigger checkin_task_10_follow_schedule
before update of scheduled_at on rubis.checkin_task
for each row execute function rubis.follow_schedule();

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
