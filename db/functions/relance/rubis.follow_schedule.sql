create or replace function rubis.follow_schedule()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- A statement moved scheduled_at of a relance alone, as a DBA does: it is judged at once for the
-- new moment, because the owner may have to be asked before it.
--   Called by  trigger relance_10_follow_schedule, before update of scheduled_at
begin
  if new.status = 'scheduled' and old.status = 'scheduled'
    and new.scheduled_at <> old.scheduled_at and new.next_look_at = old.next_look_at then
    new.next_look_at := rubis.clock();
  end if;
  return new;
end;
$$;
comment on function rubis.follow_schedule() is
  'Trigger: a moved scheduled_at of a relance that waits makes the next tick look at it.';
