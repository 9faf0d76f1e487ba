create or replace function rubis.follow_schedule()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- A statement moved scheduled_at alone, as a DBA does: the tick follows it. A question is asked at
-- the new moment; a relance is judged at once for the new moment, because the owner may have to be
-- asked before it.
--   Called by  triggers checkin_task_10_follow_schedule and relance_10_follow_schedule, before
--              update of scheduled_at
begin
  if new.status = 'scheduled' and old.status = 'scheduled'
    and new.scheduled_at <> old.scheduled_at and new.next_attempt_at = old.next_attempt_at then
    new.next_attempt_at := case tg_table_name
      when 'relance' then rubis.clock()
      when 'checkin_task' then
        case when old.next_attempt_at = old.scheduled_at then new.scheduled_at
          else old.next_attempt_at end
    end;
  end if;
  return new;
end;
$$;
comment on function rubis.follow_schedule() is
  'Trigger: a moved scheduled_at moves when the tick looks at a waiting question or relance.';
