create or replace function rubis.refuse_tenant_change()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- A row stays with the organization it was made for.
--   Called by  triggers on every tenant table, before update of organization_id
--   Raises     RB409
begin
  if new.organization_id <> old.organization_id then
    raise exception using errcode = 'RB409', constraint = tg_table_name || '__tenant',
      column = 'organization_id',
      message = format('a row of %s cannot move to another organization', tg_table_name);
  end if;
  return new;
end;
$$;
comment on function rubis.refuse_tenant_change() is
  'Trigger: organization_id is never updated. RB409.';
