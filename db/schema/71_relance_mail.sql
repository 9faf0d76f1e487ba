-- One row per letter attempted.

create table rubis.relance_mail (
  organization_id bigint not null,
  relance_mail_id bigint generated always as identity,
  relance_id bigint not null,
  invoice_id bigint not null,
  to_address text not null,
  message_id text not null,
  word_at rubis.moment not null,
  word_age_days smallint not null,
  word_valid_days smallint not null,
  attempted_at rubis.moment not null default rubis.clock(),
  accepted_at rubis.moment,
  failed_at rubis.moment,
  failure_class rubis.failure_class,
  failure_detail text,
  constraint relance_mail__pkey primary key (organization_id, relance_mail_id),
  constraint relance_mail__relance foreign key (organization_id, relance_id)
  references rubis.relance (organization_id, relance_id),
  constraint relance_mail__invoice foreign key (organization_id, invoice_id)
  references rubis.invoice (organization_id, invoice_id),
  constraint relance_mail__message_id check (message_id ~ '^<[^<>[:space:][:cntrl:]]+>$'),
  constraint relance_mail__word_fresh check (word_age_days between 0 and word_valid_days),
  constraint relance_mail__failure_facts check ((failure_class is null) = (failed_at is null)),
  constraint relance_mail__one_fate check (accepted_at is null or failed_at is null)
);
create index relance_mail__relance_id on rubis.relance_mail (
  organization_id, relance_id, relance_mail_id
);
create index relance_mail__invoice_id on rubis.relance_mail (
  organization_id, invoice_id, relance_mail_id
);
create index relance_mail__attempted_at on rubis.relance_mail (organization_id, attempted_at);
create index relance_mail__failed_at on rubis.relance_mail (failed_at)
where failure_class = 'operator';
create index relance_mail__accepted_at on rubis.relance_mail (accepted_at);
comment on table rubis.relance_mail is 'One letter attempted for a relance, and what became of it.';
comment on column rubis.relance_mail.word_at is
  'The question that this letter rests on: when it was mailed, or answered in the app.';
comment on column rubis.relance_mail.word_age_days is
  'How many local days before this letter that was.';
comment on column rubis.relance_mail.word_valid_days is
  'How many were allowed then: organization.question_valid_days.';
comment on column rubis.relance_mail.to_address is 'The client''s address at that moment.';
comment on column rubis.relance_mail.message_id is
  'The Message-ID header, known before it leaves: the letters '
  'of an invoice refer to the first one''s (RFC 5322, 3.6.4).';
comment on column rubis.relance_mail.failure_class is
  'temporary and operator: tried again. refused: the client is paused. unknown: never sent again '
  'by itself. withdrawn: it may not leave any more, or to another address; the relance is judged '
  'again.';
