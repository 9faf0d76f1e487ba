create or replace function rubis.stamp_invoice()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Give an invoice that is issued or reopened the version that it is about to be planned by. The
-- settings are read later: should they change in between, the invoice is outdated and is planned
-- again.
--   Called by  triggers invoice_15_stamp_insert and invoice_15_stamp_update
begin
  select o.schedule_version into new.schedule_version from rubis.organization as o
   where o.organization_id = new.organization_id;
  return new;
end;
$$;
comment on function rubis.stamp_invoice() is
  'Trigger: an invoice that is issued or reopened gets the organization''s schedule_version.';
