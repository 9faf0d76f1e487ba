create or replace function rubis.today(p_organization_id bigint)
returns date
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Which day it is in an organization's time zone.
--   Called by  api.list_invoices, api.list_clients, api.show_client, api.show_statement,
--              api.show_money
begin
  return (
    select (rubis.clock() at time zone o.time_zone)::date from rubis.organization as o
     where o.organization_id = p_organization_id);
end;
$$;
comment on function rubis.today(bigint) is 'The day it is in an organization''s time zone.';
