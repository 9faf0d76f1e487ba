-- The person who issues invoices and receives check-ins.

create table rubis.app_user (
  organization_id bigint not null,
  user_id bigint generated always as identity,
  email rubis.email not null,
  full_name rubis.name not null,
  locale rubis.locale,
  password_hash text not null,
  password_changed_at rubis.moment,
  email_proven_at rubis.moment,
  release_due boolean not null default false,
  release_from bigint not null default 0,
  created_at rubis.moment not null default rubis.clock(),
  constraint app_user__pkey primary key (organization_id, user_id),
  constraint app_user__organization foreign key (organization_id)
  references rubis.organization (organization_id),
  constraint app_user__password_hash check (password_hash like '$argon2id$%')
);
-- Sign-in by e-mail comes before the organization is known, so this one key is not tenant-first.
create unique index app_user__email on rubis.app_user (rubis.key(email));
comment on table rubis.app_user is
  'A person who issues invoices. Receives the check-ins of the invoices issued.';
comment on column rubis.app_user.email is
  'As typed; unique by rubis.key. RFC 5321 allows 254 characters.';
create index app_user__release_due on rubis.app_user (organization_id, user_id) where release_due;
comment on column rubis.app_user.locale is
  'Language of this user''s pages and mails; null for the organization''s.';
comment on column rubis.app_user.email_proven_at is
  'When a person first did something with a mail to this address: pressed a button, or gave an '
  'answer by link that nothing contradicted. Until then no relance leaves in this user''s name.';
comment on column rubis.app_user.release_due is
  'The tick has yet to let go the questions and relances that waited for the proof, or the '
  'questions that waited when the address became another.';
comment on column rubis.app_user.release_from is
  'While release_due: the tick has looked again at the relances of the invoices up to this one.';
comment on column rubis.app_user.password_hash is
  'argon2id in PHC string format, made and verified by the API.';
comment on column rubis.app_user.password_changed_at is
  'When it was last changed; links for a forgotten password that were mailed before are void.';
