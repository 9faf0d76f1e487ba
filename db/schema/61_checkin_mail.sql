-- One row per mail attempted; the token's hash lives here, for one question may be mailed twice.

create table rubis.checkin_mail (
  organization_id bigint not null,
  checkin_mail_id bigint generated always as identity,
  checkin_task_id bigint not null,
  token_hash rubis.sha256 not null,
  to_address text not null,
  attempted_at rubis.moment not null default rubis.clock(),
  accepted_at rubis.moment,
  message_id text,
  failed_at rubis.moment,
  failure_class rubis.failure_class,
  failure_detail text,
  constraint checkin_mail__pkey primary key (organization_id, checkin_mail_id),
  constraint checkin_mail__task foreign key (organization_id, checkin_task_id)
  references rubis.checkin_task (organization_id, checkin_task_id),
  constraint checkin_mail__failure_facts check ((failure_class is null) = (failed_at is null)),
  constraint checkin_mail__one_fate check (accepted_at is null or failed_at is null)
);
-- A click knows only the token, so this key is not tenant-first.
create unique index checkin_mail__token_hash on rubis.checkin_mail (token_hash);
create index checkin_mail__task_id on rubis.checkin_mail (
  organization_id, checkin_task_id, checkin_mail_id
);
create index checkin_mail__failed_at on rubis.checkin_mail (failed_at)
where failure_class = 'operator';
create index checkin_mail__accepted_at on rubis.checkin_mail (accepted_at);
comment on table rubis.checkin_mail is
  'One mail attempted for a check-in, and what became of it. Its '
  'two links live 24 h from coalesce(accepted_at, attempted_at).';
comment on column rubis.checkin_mail.token_hash is
  'SHA-256 of the 43 base64url characters in the links; the token itself is never stored.';
comment on column rubis.checkin_mail.to_address is 'The user''s address at that moment.';
comment on column rubis.checkin_mail.message_id is
  'The Message-ID header, to find the mail in a mail server''s log.';
comment on column rubis.checkin_mail.failure_class is
  'temporary: tried again. refused: never. operator: ours to mend, '
  'tried again. unknown: perhaps delivered, so mailed again.';
