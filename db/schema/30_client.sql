-- Who owes the invoices of an organization.

create table rubis.client (
  organization_id bigint not null,
  client_id bigint generated always as identity,
  name rubis.name not null,
  email rubis.email,
  locale rubis.locale,
  is_business boolean not null default false,
  relance_plan_id bigint,
  relances_off boolean not null default false,
  terms_days rubis.terms_days,
  terms_end_of_month boolean,
  is_sample boolean not null default false,
  paused_until rubis.pause_day,
  pause_reason rubis.line,
  merged_into_client_id bigint,
  doubted_at rubis.moment,
  created_at rubis.moment not null default rubis.clock(),
  search_key text collate "C" not null generated always as (rubis.search_key(name)) stored,
  constraint client__pkey primary key (organization_id, client_id),
  constraint client__organization foreign key (organization_id)
  references rubis.organization (organization_id),
  constraint client__relance_plan foreign key (organization_id, relance_plan_id)
  references rubis.relance_plan (organization_id, relance_plan_id),
  constraint client__merged_into foreign key (organization_id, merged_into_client_id)
  references rubis.client (organization_id, client_id),
  constraint client__not_itself check (merged_into_client_id <> client_id),
  constraint client__terms_facts check (
    (terms_days is null) = (terms_end_of_month is null)
  ),
  constraint client__pause_facts check (paused_until is not null or pause_reason is null)
);
-- Of merged ones too: their names still lead to the client they are merged into.
create unique index client__name_email on rubis.client (
  organization_id, rubis.key(name), coalesce(rubis.key(email), '')
);
-- What api.find_clients looks for: the beginning of a name.
create index client__name on rubis.client (organization_id, (rubis.key(name) collate "C"))
where merged_into_client_id is null;
create index client__is_sample on rubis.client (organization_id) where is_sample;
create index client__email on rubis.client (organization_id, rubis.key(email))
where merged_into_client_id is null;
create index client__merged_into_client_id on rubis.client (organization_id, merged_into_client_id)
where merged_into_client_id is not null;
create index client__relance_plan_id on rubis.client (organization_id, relance_plan_id)
where relance_plan_id is not null;
create index client__created_at on rubis.client (organization_id, created_at, client_id)
where merged_into_client_id is null;
create index client__paused_until on rubis.client (organization_id, paused_until)
where merged_into_client_id is null and paused_until is not null;
create index client__search_key on rubis.client (organization_id, search_key, client_id)
where merged_into_client_id is null;
comment on table rubis.client is 'Who owes invoices; receives relances, never check-ins.';
comment on column rubis.client.locale is
  'Language of the letters to this client; null for the organization''s.';
comment on column rubis.client.is_business is
  'Whether the law on late payment between businesses may be cited.';
comment on column rubis.client.relance_plan_id is 'A plan of its own; null for the default.';
comment on column rubis.client.relances_off is 'Never to be reminded.';
comment on column rubis.client.terms_days is
  'Its terms of payment; null for the organization''s. See rubis.due_on.';
comment on column rubis.client.terms_end_of_month is
  'Whether terms_days count to the end of the month that they end in.';
comment on column rubis.client.is_sample is
  'Made by api.ask_sample for its invoice; no list shows it.';
comment on column rubis.client.paused_until is
  'No relance until this day is over; infinity until resumed.';
comment on column rubis.client.merged_into_client_id is
  'The client that this one turned out to be, itself never merged. It answers for this one.';
comment on column rubis.client.email is 'Where relances go; without it none can leave.';
comment on column rubis.client.doubted_at is
  'When a pause of this client was last changed or lifted. What the owner said before counts no '
  'longer.';
comment on column rubis.client.search_key is
  'What the name is searched and sorted by: rubis.search_key.';
