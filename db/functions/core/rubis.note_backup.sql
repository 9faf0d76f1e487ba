create or replace function rubis.note_backup()
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Note that a backup is complete.
--   Called by  app/deploy/backup.py
--   Writes     backup
  insert into rubis.backup (made_at) values (rubis.clock())
  on conflict (is_last) do update set made_at = excluded.made_at;
$$;
comment on function rubis.note_backup() is 'Note that a backup of the database is complete, now.';
