create or replace function rubis.client_effects()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Record a changed pause on each open invoice it concerns, and schedule the relances ahead again,
-- because a held one may wait for this change: the invoices of this client, of the clients merged
-- into it, and of every client of its old and its new address. A new address ends the pause of a
-- refused one; the clients who still have the old address are paused instead. A pause without end
-- only writes the events: the verdict sees it, and rubis.fail_relance, which starts one, already
-- holds an invoice.
--   Called by  trigger client_50_effects, after update of what concerns relances
--   Writes     client, activity_event, relance
declare
  v_own_ids bigint[] :=
    rubis.clients_reached(new.organization_id, array[new.client_id]) || new.client_id;
  v_client_ids bigint[] := v_own_ids || rubis.clients_reached(
    new.organization_id, array[old.merged_into_client_id, new.merged_into_client_id],
    array[old.email, new.email]);
  v_invoice rubis.invoice;
  v_invoice_ids bigint[];
begin
  if old.pause_reason = 'address refused' and old.merged_into_client_id is null
    and (rubis.key(new.email) is distinct from rubis.key(old.email)
      or new.merged_into_client_id is not null)
  then
    update rubis.client as c
       set paused_until = 'infinity', pause_reason = 'address refused'
     where c.organization_id = new.organization_id and c.merged_into_client_id is null
       and c.client_id <> new.client_id and rubis.key(c.email) = rubis.key(old.email)
       and c.paused_until is distinct from 'infinity';
  end if;
  if (new.email, new.relances_off, new.relance_plan_id, new.merged_into_client_id)
      is distinct from (old.email, old.relances_off, old.relance_plan_id, old.merged_into_client_id)
    or (new.paused_until is distinct from old.paused_until
      and new.paused_until is distinct from 'infinity')
  then
    v_invoice_ids := rubis.hold_planning(new.organization_id, v_client_ids);
  end if;
  if new.paused_until is distinct from old.paused_until then
    for v_invoice in
      select i.* from rubis.invoice as i
       where i.organization_id = new.organization_id and i.client_id = any (v_client_ids)
         and i.status = 'open'
       order by i.invoice_id
    loop
      perform rubis.tell_pause(
        v_invoice, old.paused_until, new.paused_until, new.pause_reason,
        case when v_invoice.client_id = any (v_own_ids) then 'client: ' else 'same address: ' end
        || coalesce(
          new.pause_reason, case when new.paused_until is null then 'resumed' else 'paused' end));
    end loop;
  end if;
  if v_invoice_ids is not null then
    perform rubis.replan_relances(new.organization_id, v_invoice_ids);
  end if;
  return null;
end;
$$;
comment on function rubis.client_effects() is
  'Trigger: record a client''s pause on the invoices of its address; schedule relances again.';
