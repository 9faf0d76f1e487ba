create or replace function rubis.suits_confirm(p_organization_id bigint)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Tell whether two check-ins were contradicted while the links still answer at one click.
--   Called by  rubis.advise_confirm, rubis.organization_document
  select o.click_mode = 'direct' and 2 = (
           select count(*) from (
             select from rubis.checkin_task as t
              where t.organization_id = o.organization_id
                and t.contradicted_at is not null limit 2) as twice)
    from rubis.organization as o
   where o.organization_id = p_organization_id;
$$;
comment on function rubis.suits_confirm(bigint) is
  'Whether click_mode confirm is to be recommended: direct, and contradicted at least twice.';
