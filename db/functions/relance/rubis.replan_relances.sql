create or replace function rubis.replan_relances(
  p_organization_id bigint, p_client_ids bigint[] default null,
  p_relance_plan_id bigint default null,
  p_due_too boolean default true
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Schedule the relances ahead again for the organization's open invoices: of some clients, of one
-- plan, or of all. Invoices are locked first, in key order. Without p_due_too, a relance that is
-- due stays, because it is about to leave.
--   Called by  rubis.client_effects, rubis.plan_effects, rubis.move_schedule
--   Writes     relance
declare
  v_invoice_id bigint;
begin
  for v_invoice_id in
    select i.invoice_id
      from rubis.invoice as i
      join rubis.client as c
        on c.organization_id = i.organization_id
       and c.client_id = rubis.live_client_id(i.organization_id, i.client_id)
     where i.organization_id = p_organization_id and i.status = 'open'
       and (p_client_ids is null or i.client_id = any (p_client_ids))
       and (p_relance_plan_id is null or p_relance_plan_id = coalesce(c.relance_plan_id, (
         select p.relance_plan_id from rubis.relance_plan as p
          where p.organization_id = p_organization_id and p.is_default)))
     order by i.invoice_id
       for no key update of i
  loop
    continue when not p_due_too and exists (
      select from rubis.relance as r
       where r.organization_id = p_organization_id and r.invoice_id = v_invoice_id
         and r.status = 'scheduled' and r.next_attempt_at <= rubis.clock());
    perform rubis.schedule_relance(p_organization_id, v_invoice_id);
  end loop;
end;
$$;
comment on function rubis.replan_relances(bigint, bigint[], bigint, boolean) is
  'Schedule the relances ahead of open invoices again: of some clients, of those that follow '
  'a plan, or of all.';
