-- Which years' public holidays are known: a country may have a year without any.

create table rubis.holiday_year (
  calendar text not null,
  year smallint not null,
  filled_at rubis.moment not null default rubis.clock(),
  constraint holiday_year__pkey primary key (calendar, year),
  constraint holiday_year__calendar foreign key (calendar)
  references rubis.holiday_calendar (calendar),
  constraint holiday_year__year check (year between 1970 and 2999)
);
comment on table rubis.holiday_year is
  'The years whose public holidays are in rubis.public_holiday, of the calendars in use. In other '
  'years no relance leaves.';
