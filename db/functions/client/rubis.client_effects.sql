create or replace function rubis.client_effects()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Record a changed pause on each open invoice of the client, and schedule the relances ahead again,
-- because a held one may wait for this change. A pause without end only writes the events: the
-- verdict sees it, and rubis.fail_relance, which starts one, already holds an invoice.
-- rubis.replan_relances locks the invoices in key order.
--   Called by  trigger client_50_effects, after update of what concerns relances
--   Writes     activity_event, relance
declare
  v_invoice rubis.invoice;
begin
  for v_invoice in
    select i.* from rubis.invoice as i
     where i.organization_id = new.organization_id and i.client_id = new.client_id
       and i.status = 'open'
     order by i.invoice_id
  loop
    perform rubis.tell_pause(
      v_invoice, old.paused_until, new.paused_until, new.pause_reason, 'client: ' || coalesce(
        new.pause_reason, case when new.paused_until is null then 'resumed' else 'paused' end));
  end loop;
  if (new.email, new.relances_off, new.relance_plan_id)
      is distinct from (old.email, old.relances_off, old.relance_plan_id)
    or (new.paused_until is distinct from old.paused_until
      and new.paused_until is distinct from 'infinity')
  then
    perform rubis.replan_relances(new.organization_id, new.client_id);
  end if;
  return null;
end;
$$;
comment on function rubis.client_effects() is
  'Trigger: record a client''s pause on its invoices; schedule their relances again.';
