create or replace function rubis.lock_outdated(
  p_organization_id bigint, p_invoice_ids bigint[]
)
returns bigint[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Lock outdated invoices with their waiting questions and relances, and share rubis.planning.
-- Return those of which no row is held by another transaction; none while a client's change holds
-- rubis.planning. No lock waits.
--   Called by  rubis.plan_again
declare
  v_invoice_ids bigint[];
  v_task_ids bigint[];
  v_relance_ids bigint[];
begin
  v_invoice_ids := array(
    select i.invoice_id
      from rubis.invoice as i
     where i.organization_id = p_organization_id and i.invoice_id = any (p_invoice_ids)
       and i.status = 'open' and i.schedule_version < (
         select o.schedule_version from rubis.organization as o
          where o.organization_id = p_organization_id)
     order by i.invoice_id
       for no key update of i skip locked);
  v_task_ids := array(
    select t.checkin_task_id from rubis.checkin_task as t
     where t.organization_id = p_organization_id and t.invoice_id = any (v_invoice_ids)
       and t.status = 'scheduled'
     order by t.checkin_task_id
       for no key update skip locked);
  v_relance_ids := array(
    select r.relance_id from rubis.relance as r
     where r.organization_id = p_organization_id and r.invoice_id = any (v_invoice_ids)
       and r.status in ('scheduled', 'held')
     order by r.relance_id
       for no key update skip locked);
  perform from rubis.planning
    where planning.organization_id = p_organization_id for share of planning skip locked;
  if not found then
    return array[]::bigint[];
  end if;
  return array(
    select i.invoice_id from unnest(v_invoice_ids) as i (invoice_id)
    except
    select t.invoice_id from rubis.checkin_task as t
     where t.organization_id = p_organization_id and t.invoice_id = any (v_invoice_ids)
       and t.status = 'scheduled' and t.checkin_task_id <> all (v_task_ids)
    except
    select r.invoice_id from rubis.relance as r
     where r.organization_id = p_organization_id and r.invoice_id = any (v_invoice_ids)
       and r.status in ('scheduled', 'held') and r.relance_id <> all (v_relance_ids)
    order by 1);
end;
$$;
comment on function rubis.lock_outdated(bigint, bigint[]) is
  'Lock those of these outdated invoices, with what waits for them, that no one holds; returns '
  'their ids.';
