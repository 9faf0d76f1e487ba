-- Whose days off the library holidays knows, and which days of the week they do not work.

create table rubis.holiday_calendar (
  calendar text not null,
  country rubis.country not null,
  name text not null,
  weekend smallint[] not null,
  constraint holiday_calendar__pkey primary key (calendar),
  constraint holiday_calendar__of_country check (
    calendar = country or starts_with(calendar, country || '-')
  ),
  constraint holiday_calendar__weekend check (
    weekend <@ '{1,2,3,4,5,6,7}' and cardinality(weekend) between 1 and 3
  )
);
comment on table rubis.holiday_calendar is
  'One calendar for each country (FR) and each region whose public holidays differ (FR-57, ISO '
  '3166-2).';
comment on column rubis.holiday_calendar.weekend is
  'The days of the week without work, as ISO numbers: Monday is 1.';
