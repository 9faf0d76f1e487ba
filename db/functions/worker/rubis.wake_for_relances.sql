create or replace function rubis.wake_for_relances()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Tell the ticks when something in the rows of a statement is due, once per organization.
--   Called by  triggers relance_60_wake_*
--   Writes     wake
begin
  insert into rubis.wake (organization_id, at)
  select c.organization_id, min(c.next_look_at) from changed as c
   where c.next_look_at is not null
   group by c.organization_id;
  return null;
end;
$$;
comment on function rubis.wake_for_relances() is
  'Trigger: tell the ticks when a relance among the rows of a statement is due.';
