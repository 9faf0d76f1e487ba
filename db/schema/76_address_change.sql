-- A user's wish for another address: confirmed from the new one, stopped from the old one.

create table rubis.address_change (
  organization_id bigint not null,
  address_change_id bigint generated always as identity,
  user_id bigint not null,
  old_email rubis.email not null,
  new_email rubis.email not null,
  requested_at rubis.moment not null default rubis.clock(),
  changed_at rubis.moment,
  stopped_at rubis.moment,
  constraint address_change__pkey primary key (organization_id, address_change_id),
  constraint address_change__app_user foreign key (organization_id, user_id)
  references rubis.app_user (organization_id, user_id)
);
create index address_change__user on rubis.address_change (organization_id, user_id);
comment on table rubis.address_change is
  'A change of a user''s address: asked for with the password, made by the button of the mail to '
  'the new address, stopped or taken back by that of the mail to the old one.';
comment on column rubis.address_change.changed_at is 'When it was confirmed from the new address.';
comment on column rubis.address_change.stopped_at is
  'When it was stopped or taken back, or another was asked for in its place.';
