create or replace function rubis.replan_relances(
  p_organization_id bigint, p_invoice_ids bigint[], p_due_too boolean default true
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Schedule the relances ahead of these invoices again, which rubis.hold_planning has locked.
-- Without p_due_too, a relance that is due stays, because it is about to leave.
--   Called by  rubis.client_effects, rubis.plan_effects, rubis.move_schedule
--   Writes     relance
declare
  v_invoice_id bigint;
begin
  foreach v_invoice_id in array p_invoice_ids loop
    continue when not p_due_too and exists (
      select from rubis.relance as r
       where r.organization_id = p_organization_id and r.invoice_id = v_invoice_id
         and r.status = 'scheduled' and r.next_look_at <= rubis.clock());
    perform rubis.schedule_relance(p_organization_id, v_invoice_id);
  end loop;
end;
$$;
comment on function rubis.replan_relances(bigint, bigint[], boolean) is
  'Schedule the relances ahead of these open invoices again.';
