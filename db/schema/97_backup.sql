-- When the database was last backed up, so that an alert can tell when it was not.

create table rubis.backup (
  is_last boolean not null default true,
  made_at rubis.moment not null,
  constraint backup__pkey primary key (is_last),
  constraint backup__one_row check (is_last)
);
comment on table rubis.backup is
  'The last backup by rubis backup, one row; none before the first one. The backup itself holds '
  'the row of the one before.';
comment on column rubis.backup.made_at is 'When its file was complete.';
