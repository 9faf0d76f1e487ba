create or replace function rubis.refuse_rewriting()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- History is appended to, never changed; only a chore whose setting rubis.prunes names the table
-- may delete what its retention allows.
--   Called by  triggers on activity_event, rubis_entry, checkin_click
--   Raises     RB409
begin
  if tg_op = 'DELETE' and current_setting('rubis.prunes', true) = tg_table_name then
    return null;
  end if;
  raise exception using errcode = 'RB409', constraint = tg_table_name || '__append_only',
    message = format('%s is append-only: %s is refused', tg_table_name, lower(tg_op));
end;
$$;
comment on function rubis.refuse_rewriting() is
  'Trigger: update, delete and truncate are refused on append-only tables. RB409.';
