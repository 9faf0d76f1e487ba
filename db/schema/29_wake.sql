-- What has just become due, told by the triggers of the tables that hold it.

create table rubis.wake (
  organization_id bigint not null,
  at rubis.moment not null
);
comment on table rubis.wake is
  'An organization has something due at a moment. Only inserted, so no writer waits for another; '
  'the next tick moves it into rubis.agenda. A row that a tick could not see yet is left for the '
  'tick after it, so nothing due is missed. No key and no index: it is almost always empty.';
comment on column rubis.wake.at is 'When something of the organization is due.';
