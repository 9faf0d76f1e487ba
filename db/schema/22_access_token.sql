-- The right to call the API for half an hour, or to use the web app while one keeps coming back.

create table rubis.access_token (
  organization_id bigint not null,
  access_token_id bigint generated always as identity,
  user_id bigint not null,
  session_id uuid not null,
  token_hash rubis.sha256 not null,
  kind rubis.session_kind not null default 'api',
  created_at rubis.moment not null default rubis.clock(),
  seen_at rubis.moment not null default rubis.clock(),
  expires_at rubis.moment not null,
  device rubis.line,
  address rubis.line,
  message jsonb,
  constraint access_token__pkey primary key (organization_id, access_token_id),
  constraint access_token__app_user foreign key (organization_id, user_id)
  references rubis.app_user (organization_id, user_id),
  constraint access_token__message check (
    message is null
    or kind = 'web' and jsonb_typeof(message) = 'object' and length(message::text) <= 4000
  )
);
-- The hash is looked up before the organization is known, so this key is not tenant-first.
create unique index access_token__token_hash on rubis.access_token (token_hash);
create index access_token__user on rubis.access_token (organization_id, user_id);
create index access_token__session on rubis.access_token (organization_id, session_id);
create index access_token__expires_at on rubis.access_token (expires_at);
comment on table rubis.access_token is
  'Bearer tokens of the API and sessions of the web app, by SHA-256 only.';
comment on column rubis.access_token.session_id is
  'One sign-in: the family revoked as a whole when its refresh token is used twice.';
comment on column rubis.access_token.token_hash is
  'SHA-256 of the 43 base64url characters of the token.';
comment on column rubis.access_token.kind is
  'api: a bearer token beside a refresh token; web: the cookie of a browser, which slides.';
comment on column rubis.access_token.seen_at is
  'When a web session was last moved on; to the hour.';
comment on column rubis.access_token.device is
  'Of a web session: the browser and its system, in words.';
comment on column rubis.access_token.address is
  'Of a web session: from where it was last moved on, an IPv4 address or an IPv6 network.';
comment on column rubis.access_token.message is
  'What the next page of this web session says has just happened; shown once.';
