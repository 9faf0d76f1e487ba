create or replace function rubis.open_agenda()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- A new organization has an agenda, with nothing in it yet.
--   Called by  trigger organization_50_open_agenda
--   Writes     agenda
begin
  insert into rubis.agenda (organization_id, next_due_at)
  values (new.organization_id, rubis.clock());
  return null;
end;
$$;
comment on function rubis.open_agenda() is 'Trigger: give a new organization its agenda.';
