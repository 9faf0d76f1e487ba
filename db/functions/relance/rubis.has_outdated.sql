create or replace function rubis.has_outdated(p_organization_id bigint)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Tell whether an organization has open invoices to be planned again: one read of
-- invoice__schedule_version.
--   Called by  rubis.has_leftovers
  select exists (
    select from rubis.invoice as i
     where i.organization_id = p_organization_id and i.status = 'open'
       and i.schedule_version < (
         select o.schedule_version from rubis.organization as o
          where o.organization_id = p_organization_id));
$$;
comment on function rubis.has_outdated(bigint) is
  'Whether an organization has open invoices of an earlier schedule_version.';
