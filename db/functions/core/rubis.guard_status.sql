create or replace function rubis.guard_status()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Refuse every move of a status that rubis.state_transition does not have, from every writer.
--   Called by  triggers on invoice, checkin_task, relance, import_draft
--   Raises     RB409
declare
  v_from text := case when tg_op = 'INSERT' then '(new)' else old.status end;
begin
  if v_from <> new.status and not exists (
    select from rubis.state_transition as t
     where t.entity = tg_table_name and t.from_status = v_from and t.to_status = new.status
  ) then
    raise exception using errcode = 'RB409', constraint = tg_table_name || '__transition',
      column = 'status',
      message = format('%s cannot go from %s to %s', tg_table_name, v_from, new.status),
      hint = 'the legal moves are in rubis.state_transition';
  end if;
  return new;
end;
$$;
comment on function rubis.guard_status() is
  'Trigger: refuse a move of status that is not in rubis.state_transition. RB409.';
