-- Which years' public holidays are known: a country may have a year without any.

create table rubis.holiday_year (
  country text not null,
  year smallint not null,
  filled_at timestamptz not null default rubis.clock(),
  constraint holiday_year__pkey primary key (country, year)
);
comment on table rubis.holiday_year is
  'The years whose public holidays are in rubis.public_holiday. In other years no relance leaves.';
