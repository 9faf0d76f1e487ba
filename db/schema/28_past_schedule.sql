-- What questions were planned by before a change.

create table rubis.past_schedule (
  organization_id bigint not null,
  schedule_version bigint not null,
  time_zone text not null,
  checkin_time time(0) not null,
  ended_at rubis.moment not null default rubis.clock(),
  constraint past_schedule__pkey primary key (organization_id, schedule_version),
  constraint past_schedule__organization foreign key (organization_id)
  references rubis.organization (organization_id),
  constraint past_schedule__checkin_time check (checkin_time < '24:00')
);
comment on table rubis.past_schedule is
  'One row for each organization.schedule_version that is over. It tells which questions stand at '
  'their due date''s moment, and what was due already when the settings or a plan changed.';
comment on column rubis.past_schedule.time_zone is 'The organization''s zone under this version.';
comment on column rubis.past_schedule.checkin_time is 'Its check-in time under this version.';
comment on column rubis.past_schedule.ended_at is
  'When the next version began. What was due by then keeps its moment.';
