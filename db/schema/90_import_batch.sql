-- Invoices read from elsewhere, waiting for the user's validation.

create table rubis.import_batch (
  organization_id bigint not null,
  import_batch_id bigint generated always as identity,
  user_id bigint not null,
  source rubis.line,
  created_at rubis.moment not null default rubis.clock(),
  constraint import_batch__pkey primary key (organization_id, import_batch_id),
  constraint import_batch__app_user foreign key (organization_id, user_id)
  references rubis.app_user (organization_id, user_id)
);
create index import_batch__user_id on rubis.import_batch (organization_id, user_id);
create index import_batch__created_at on rubis.import_batch (
  organization_id, created_at, import_batch_id
);
comment on table rubis.import_batch is 'What one import brought: a set of drafts.';
comment on column rubis.import_batch.user_id is
  'Who imported; the issuer of the invoices made from its drafts.';
comment on column rubis.import_batch.source is
  'Where the drafts were read: the name of a file, or paste; null if the caller does not say.';
