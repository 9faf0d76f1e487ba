-- Days on which no relance leaves. Filled by the worker from the library holidays.

create table rubis.public_holiday (
  calendar text not null,
  day rubis.calendar_day not null,
  name text not null,
  constraint public_holiday__pkey primary key (calendar, day),
  constraint public_holiday__calendar foreign key (calendar)
  references rubis.holiday_calendar (calendar)
);
comment on table rubis.public_holiday is
  'Public holidays by calendar (rubis.holiday_calendar), for the years in rubis.holiday_year.';
