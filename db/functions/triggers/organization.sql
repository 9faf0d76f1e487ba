-- organization, in firing order.

create or replace trigger organization_10_check_time_zone
before insert or update of time_zone on rubis.organization
for each row execute function rubis.check_time_zone();

create or replace trigger organization_10_check_holiday_region
before insert or update of country, holiday_region on rubis.organization
for each row execute function rubis.check_holiday_region();

create or replace trigger organization_10_spell_signature
before insert or update of signature on rubis.organization
for each row when (new.signature is not null) execute function rubis.spell_signature();

-- Other triggers may have set columns before it. calendar is computed after it.
create or replace trigger organization_40_raise_schedule_version
before update of
time_zone, checkin_time, relance_time, country, holiday_region, question_valid_days,
client_spacing_days, schedule_version
on rubis.organization
for each row
when (
  (old.time_zone, old.checkin_time, old.relance_time, coalesce(old.holiday_region, old.country),
    old.question_valid_days, old.client_spacing_days, old.schedule_version)
  is distinct from (
    new.time_zone, new.checkin_time, new.relance_time, coalesce(new.holiday_region, new.country),
    new.question_valid_days, new.client_spacing_days, new.schedule_version)
)
execute function rubis.raise_schedule_version();

create or replace trigger organization_50_open_agenda
after insert on rubis.organization
for each row execute function rubis.open_agenda();

create or replace trigger organization_50_add_default_plan
after insert on rubis.organization
for each row execute function rubis.add_default_plan();
