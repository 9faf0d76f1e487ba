-- Who owes the invoices of an organization.

create table rubis.client (
  organization_id bigint not null,
  client_id bigint generated always as identity,
  name rubis.line not null,
  email text,
  created_at timestamptz not null default rubis.clock(),
  constraint client__pkey primary key (organization_id, client_id),
  constraint client__organization foreign key (organization_id) references rubis.organization (organization_id),
  constraint client__email_form check (email ~ '^[^@[:space:][:cntrl:]]+@[^@[:space:][:cntrl:]]+$' and length(email) <= 254)
);
create unique index client__name_email on rubis.client (organization_id, lower(name), lower(coalesce(email, '')));
create index client__created_at on rubis.client (organization_id, created_at, client_id);
comment on table rubis.client is 'Who owes invoices; receives relances, never check-ins.';
comment on column rubis.client.email is 'Where relances go; without it none can leave.';
