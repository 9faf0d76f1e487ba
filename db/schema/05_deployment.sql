-- What was deployed here. rubis migrate compares it with its files and refuses what it does not
-- know.

create table rubis.deployment (
  component text not null,
  release text not null,
  checksum text not null,
  deployed_at rubis.moment not null default rubis.clock(),
  constraint deployment__pkey primary key (component)
);
comment on table rubis.deployment is
  'What rubis migrate has deployed: one row per migration file, '
  'one for functions, one for queue. Written by functions/end.sql.';
comment on column rubis.deployment.component is
  'The name of a migration''s file; functions; queue (Procrastinate''s objects).';
comment on column rubis.deployment.release is
  'The release of rubis that deployed it; for queue the '
  'last of Procrastinate''s migrations it contains.';
comment on column rubis.deployment.checksum is 'SHA-256, in hexadecimal, of the file or files.';
