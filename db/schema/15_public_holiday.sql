-- Days on which no relance leaves. Filled by the worker from the library holidays.

create table rubis.public_holiday (
  country text not null,
  day date not null,
  name text not null,
  constraint public_holiday__pkey primary key (country, day)
);
comment on table rubis.public_holiday is
  'Public holidays by country (ISO 3166-1), for the years in rubis.holiday_year.';
