create or replace function rubis.hold_planning(p_organization_id bigint, p_client_ids bigint[])
returns bigint[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Lock what a change of clients plans again, and return those invoices: invoices, check-ins,
-- relances, then rubis.planning. Who plans shares that last lock: it has committed, or
-- waits and then reads the change. So its holder must wait for nothing more. An invoice that
-- was issued or reopened before this lock came is taken only if no one holds it; otherwise all
-- locks are given back, and the next round waits for it.
--   Called by  rubis.client_effects, api.merge_client
declare
  v_invoice_ids bigint[];
  v_later_ids bigint[];
  v_holds_planning boolean := false;
begin
  loop
    begin
      select array_agg(l.invoice_id) into v_invoice_ids from (
        select i.invoice_id from rubis.invoice as i
         where i.organization_id = p_organization_id and i.status = 'open'
           and i.client_id = any (p_client_ids)
         order by i.invoice_id
           for no key update of i) as l;
      perform from rubis.checkin_task as t
        where t.organization_id = p_organization_id and t.status = 'scheduled'
          and t.invoice_id = any (v_invoice_ids)
        order by t.checkin_task_id for no key update;
      perform from rubis.relance as r
        where r.organization_id = p_organization_id and r.status in ('scheduled', 'held')
          and r.invoice_id = any (v_invoice_ids)
        order by r.relance_id for no key update;
      perform from rubis.planning as p
        where p.organization_id = p_organization_id for no key update;
      v_holds_planning := true;
      select array_agg(l.invoice_id) into v_later_ids from (
        select i.invoice_id from rubis.invoice as i
         where i.organization_id = p_organization_id and i.status = 'open'
           and i.client_id = any (p_client_ids)
           and i.invoice_id <> all (coalesce(v_invoice_ids, '{}'))
         order by i.invoice_id
           for no key update of i nowait) as l;
      exit;
    exception
      when lock_not_available then
        if not v_holds_planning then
          raise;  -- a lock_timeout of the caller
        end if;
        v_holds_planning := false;
    end;
  end loop;
  return coalesce(v_invoice_ids, '{}') || coalesce(v_later_ids, '{}');
end;
$$;
comment on function rubis.hold_planning(bigint, bigint[]) is
  'Lock the open invoices of some clients, and keep others from planning; returns their ids.';
