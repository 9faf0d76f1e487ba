-- One row per attempt to send a mail, and what became of it.

create table rubis.mail_attempt (
  organization_id bigint not null,
  mail_id bigint not null,
  attempt smallint not null,
  to_address text not null,
  message_id text not null,
  spacing_days smallint,
  attempted_at rubis.moment not null default rubis.clock(),
  last_word_at rubis.moment,
  accepted_at rubis.moment,
  failed_at rubis.moment,
  failure_class rubis.failure_class,
  failure_detail text,
  constraint mail_attempt__pkey primary key (organization_id, mail_id, attempt),
  constraint mail_attempt__mail foreign key (organization_id, mail_id)
  references rubis.mail (organization_id, mail_id),
  constraint mail_attempt__attempt check (attempt >= 1),
  constraint mail_attempt__message_id check (message_id ~ '^<[^<>[:space:][:cntrl:]]+>$'),
  constraint mail_attempt__failure_facts check ((failure_class is null) = (failed_at is null)),
  constraint mail_attempt__one_fate check (accepted_at is null or failed_at is null)
);
create index mail_attempt__attempted_at on rubis.mail_attempt (organization_id, attempted_at);
-- Of all organizations: outages of the mail server concern all.
create index mail_attempt__failed_at on rubis.mail_attempt (failed_at)
where failure_class = 'operator';
create index mail_attempt__tried_at on rubis.mail_attempt (failed_at)
where failure_class in ('temporary', 'operator', 'unknown', 'withdrawn');
create index mail_attempt__accepted_at on rubis.mail_attempt (accepted_at);
comment on table rubis.mail_attempt is
  'One attempt to send a mail. Its links live 24 h from coalesce(accepted_at, attempted_at).';
comment on column rubis.mail_attempt.message_id is
  'The Message-ID header, known before it leaves: the letters about an invoice refer to the first '
  'one''s (RFC 5322, 3.6.4).';
comment on column rubis.mail_attempt.last_word_at is
  'Of a letter: when its last word was given. Before that it has not left, after that it may have.';
comment on column rubis.mail_attempt.spacing_days is
  'Letters: how many local days had to lie between it and the last one to the address: '
  'organization.client_spacing_days of then.';
comment on column rubis.mail_attempt.failure_class is
  'temporary and operator: tried again. refused: never; the client is paused. unknown: a letter is '
  'never sent again by itself, another mail is, for it may be lost. withdrawn: the last word found '
  'nothing left to say; judged again.';
