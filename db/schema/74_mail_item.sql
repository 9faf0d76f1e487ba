-- What one attempt put into somebody's hands. Append-only.

create table rubis.mail_item (
  organization_id bigint not null,
  mail_id bigint not null,
  attempt smallint not null,
  position smallint not null,
  invoice_id bigint,
  checkin_task_id bigint,
  relance_id bigint,
  token_hash rubis.sha256,
  answered_at rubis.moment,
  word_at rubis.moment,
  word_age_days smallint,
  word_valid_days smallint,
  withdrawn_at rubis.moment,
  constraint mail_item__pkey primary key (organization_id, mail_id, attempt, position),
  constraint mail_item__attempt foreign key (organization_id, mail_id, attempt)
  references rubis.mail_attempt (organization_id, mail_id, attempt),
  constraint mail_item__invoice foreign key (organization_id, invoice_id)
  references rubis.invoice (organization_id, invoice_id),
  constraint mail_item__task foreign key (organization_id, checkin_task_id)
  references rubis.checkin_task (organization_id, checkin_task_id),
  constraint mail_item__relance foreign key (organization_id, relance_id)
  references rubis.relance (organization_id, relance_id),
  constraint mail_item__position check (position >= 1),
  constraint mail_item__one_matter check (
    num_nonnulls(checkin_task_id, relance_id) = (invoice_id is not null)::int
  ),
  -- What a client reads holds no link.
  constraint mail_item__link check ((token_hash is null) = (relance_id is not null)),
  constraint mail_item__answer_facts check (answered_at is null or checkin_task_id is not null),
  constraint mail_item__word_facts check (
    num_nonnulls(word_at, word_age_days, word_valid_days)
      = case when relance_id is null then 0 else 3 end
  ),
  constraint mail_item__word_fresh check (word_age_days between 0 and word_valid_days),
  constraint mail_item__withdrawn_facts check (withdrawn_at is null or relance_id is not null)
);
-- A click knows only the token, so this key is not tenant-first.
create unique index mail_item__token_hash on rubis.mail_item (token_hash)
where token_hash is not null;
create index mail_item__task_id on rubis.mail_item (organization_id, checkin_task_id, mail_id)
where checkin_task_id is not null;
create index mail_item__relance_id on rubis.mail_item (organization_id, relance_id, mail_id)
where relance_id is not null;
create index mail_item__invoice_id on rubis.mail_item (organization_id, invoice_id, mail_id)
where invoice_id is not null;
comment on table rubis.mail_item is
  'One thing that an attempt to mail said: a question, the receipt of its answer, the reminder of '
  'an invoice, or the proof of an address. Links of earlier attempts stay alive.';
comment on column rubis.mail_item.position is 'Its place in the mail, from 1.';
comment on column rubis.mail_item.token_hash is
  'SHA-256 of the 43 base64url characters in its links; the token itself is never stored.';
comment on column rubis.mail_item.answered_at is 'Receipts: the answer that it confirms.';
comment on column rubis.mail_item.word_at is
  'Letters: the question that it rests on: when it was mailed, or answered in the app.';
comment on column rubis.mail_item.word_age_days is
  'How many local days before this letter that was.';
comment on column rubis.mail_item.word_valid_days is
  'How many were allowed then: organization.question_valid_days.';
comment on column rubis.mail_item.withdrawn_at is
  'Letters: the last word left it out of the letter, which left without it or not at all.';
