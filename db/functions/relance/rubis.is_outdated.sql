create or replace function rubis.is_outdated(p_organization_id bigint, p_invoice_id bigint)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Tell whether an open invoice is still to be planned again after a change of settings or a plan.
--   Called by  rubis.judge_relance, rubis.relance_outlook
  select exists (
    select from rubis.invoice as i
      join rubis.organization as o on o.organization_id = i.organization_id
     where i.organization_id = p_organization_id and i.invoice_id = p_invoice_id
       and i.status = 'open' and i.schedule_version < o.schedule_version);
$$;
comment on function rubis.is_outdated(bigint, bigint) is
  'Whether the moments of an open invoice are those of an earlier schedule_version.';
