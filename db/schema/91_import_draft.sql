-- An invoice to be, edited until the user validates or discards it.

create table rubis.import_draft (
  organization_id bigint not null,
  import_draft_id bigint generated always as identity,
  import_batch_id bigint not null,
  position smallint not null,
  status rubis.draft_status not null default 'pending',
  number rubis.name,
  client_name rubis.name,
  client_email rubis.email,
  issued_on rubis.calendar_day,
  due_on rubis.calendar_day,
  amount_cents rubis.amount_cents,
  currency rubis.currency,
  source_row int,
  faults rubis.read_faults not null default '[]',
  invoice_id bigint,
  validated_at rubis.moment,
  discarded_at rubis.moment,
  created_at rubis.moment not null default rubis.clock(),
  constraint import_draft__pkey primary key (organization_id, import_draft_id),
  constraint import_draft__batch foreign key (organization_id, import_batch_id)
  references rubis.import_batch (organization_id, import_batch_id),
  constraint import_draft__invoice foreign key (organization_id, invoice_id)
  references rubis.invoice (organization_id, invoice_id),
  constraint import_draft__position unique (organization_id, import_batch_id, position),
  constraint import_draft__one_invoice unique (organization_id, invoice_id),
  constraint import_draft__source_row check (source_row between 1 and 9999999),
  constraint import_draft__validated_facts check (
    (status = 'validated') = (invoice_id is not null)
    and (invoice_id is null) = (validated_at is null)
  ),
  constraint import_draft__discarded_facts check (
    (status = 'discarded') = (discarded_at is not null)
  )
);
comment on table rubis.import_draft is
  'An invoice to be: any field may still be missing. Validating '
  'it makes the invoice, and the client if new, once.';
comment on column rubis.import_draft.position is 'Its place in the batch, from 1.';
comment on column rubis.import_draft.source_row is
  'The row of the table that it was read from, as a spreadsheet counts; null for other sources.';
comment on column rubis.import_draft.faults is
  'What could not be read. A fault goes when its field is corrected.';
