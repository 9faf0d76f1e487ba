create or replace function rubis.replan_outdated(p_organization_id bigint, p_limit int)
returns int
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Plan a bounded piece of an organization's outdated invoices again, those of the lowest version
-- first. What another transaction holds is left for a later call.
--   Called by  rubis.tick_pieces
--   Writes     checkin_task, relance, invoice
  select rubis.plan_again(p_organization_id, array(
    select i.invoice_id from rubis.invoice as i
     where i.organization_id = p_organization_id and i.status = 'open'
       and i.schedule_version < (
         select o.schedule_version from rubis.organization as o
          where o.organization_id = p_organization_id)
     order by i.schedule_version, i.invoice_id
     limit p_limit
       for no key update skip locked));
$$;
comment on function rubis.replan_outdated(bigint, int) is
  'Plan at most p_limit outdated invoices of an organization again; returns how many.';
