create or replace function rubis.replan_relances(
  p_organization_id bigint, p_invoice_ids bigint[]
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Schedule the relances ahead of these invoices again, which rubis.hold_planning has locked.
--   Called by  rubis.client_effects
--   Writes     relance
declare
  v_invoice_id bigint;
begin
  foreach v_invoice_id in array p_invoice_ids loop
    perform rubis.schedule_relance(p_organization_id, v_invoice_id);
  end loop;
end;
$$;
comment on function rubis.replan_relances(bigint, bigint[]) is
  'Schedule the relances ahead of these open invoices again.';
