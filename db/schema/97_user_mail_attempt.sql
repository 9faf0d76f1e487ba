-- One row per attempt to send a user_mail; the hash of its token, if its kind has a link.

create table rubis.user_mail_attempt (
  organization_id bigint not null,
  user_mail_attempt_id bigint generated always as identity,
  user_mail_id bigint not null,
  token_hash rubis.sha256 not null,
  to_address text not null,
  attempted_at rubis.moment not null default rubis.clock(),
  accepted_at rubis.moment,
  message_id text,
  failed_at rubis.moment,
  failure_class rubis.failure_class,
  failure_detail text,
  constraint user_mail_attempt__pkey primary key (organization_id, user_mail_attempt_id),
  constraint user_mail_attempt__mail foreign key (organization_id, user_mail_id)
  references rubis.user_mail (organization_id, user_mail_id),
  constraint user_mail_attempt__failure_facts check ((failure_class is null) = (failed_at is null)),
  constraint user_mail_attempt__one_fate check (accepted_at is null or failed_at is null)
);
-- A click knows only the token, so this key is not tenant-first.
create unique index user_mail_attempt__token_hash on rubis.user_mail_attempt (token_hash);
create index user_mail_attempt__failed_at on rubis.user_mail_attempt (failed_at)
where failure_class = 'operator';
create index user_mail_attempt__accepted_at on rubis.user_mail_attempt (accepted_at);
create index user_mail_attempt__mail_id on rubis.user_mail_attempt (
  organization_id, user_mail_id, user_mail_attempt_id
);
comment on table rubis.user_mail_attempt is
  'One attempt to send a mail to a user, and what became of it.';
comment on column rubis.user_mail_attempt.token_hash is
  'SHA-256 of the token in its link; the token itself is never stored.';
