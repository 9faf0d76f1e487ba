-- The tenant. Its id is first in every key of every tenant table.

create table rubis.organization (
  organization_id bigint generated always as identity,
  name rubis.line not null,
  locale text not null default 'fr',
  time_zone text not null default 'Europe/Paris',
  checkin_time time(0) not null default '09:00',
  relance_time time(0) not null default '10:00',
  created_at timestamptz not null default rubis.clock(),
  constraint organization__pkey primary key (organization_id),
  constraint organization__locale check (locale in ('fr', 'en'))
);
comment on table rubis.organization is
  'The tenant: a freelancer or a small firm. Its rubis are the sum of its rubis_entry rows.';
comment on column rubis.organization.locale is 'Language of its mails: fr or en.';
comment on column rubis.organization.time_zone is 'A name of the tz database such as Europe/Paris; checked by trigger.';
comment on column rubis.organization.checkin_time is 'Local time of day at which check-ins are asked.';
comment on column rubis.organization.relance_time is 'Local time of day at which relances leave.';
