-- The right to a new access token for thirty days; each use replaces it.

create table rubis.refresh_token (
  organization_id bigint not null,
  refresh_token_id bigint generated always as identity,
  user_id bigint not null,
  session_id uuid not null,
  token_hash rubis.sha256 not null,
  created_at rubis.moment not null default rubis.clock(),
  expires_at rubis.moment not null,
  used_at rubis.moment,
  revoked_at rubis.moment,
  began_at rubis.moment not null default rubis.clock(),
  device rubis.line,
  address rubis.line,
  constraint refresh_token__pkey primary key (organization_id, refresh_token_id),
  constraint refresh_token__app_user foreign key (organization_id, user_id)
  references rubis.app_user (organization_id, user_id)
);
-- The hash is looked up before the organization is known, so this key is not tenant-first.
create unique index refresh_token__token_hash on rubis.refresh_token (token_hash);
create index refresh_token__user on rubis.refresh_token (organization_id, user_id);
create index refresh_token__session on rubis.refresh_token (organization_id, session_id);
create index refresh_token__expires_at on rubis.refresh_token (expires_at);
comment on table rubis.refresh_token is
  'Refresh tokens, by SHA-256 only, rotated at each use; a '
  'second use revokes the session (RFC 9700, section 4.14).';
comment on column rubis.refresh_token.used_at is
  'When it was first exchanged for the next one; for 30 s more it is exchanged again.';
comment on column rubis.refresh_token.began_at is 'When its session was opened.';
comment on column rubis.refresh_token.device is 'What asked for it, in words.';
comment on column rubis.refresh_token.address is
  'From where it was asked for: an IPv4 address or an IPv6 network.';
comment on column rubis.refresh_token.revoked_at is
  'Signed out, or the session was revoked because a token was used twice.';
