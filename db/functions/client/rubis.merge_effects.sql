create or replace function rubis.merge_effects()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Bring about what a merge means. The clients merged into this one before follow it. What keeps
-- letters back from it keeps them back from the other one too, until the user lifts it there: a
-- merge lets no letter go. Open invoices tell it. rubis.client_effects hands a refused address
-- over, and schedules relances again.
--   Called by  trigger client_40_merge_effects, after update of merged_into_client_id
--   Writes     client, activity_event
declare
  v_paused_until date := case
    when new.pause_reason is distinct from 'address refused' then new.paused_until end;
begin
  if new.merged_into_client_id is not null then
    update rubis.client as c
       set merged_into_client_id = new.merged_into_client_id
     where c.organization_id = new.organization_id
       and c.merged_into_client_id = new.client_id;
    update rubis.client as c
       set relances_off = c.relances_off or new.relances_off,
           paused_until = greatest(c.paused_until, v_paused_until),
           pause_reason = case when v_paused_until > coalesce(c.paused_until, '-infinity')
             then new.pause_reason else c.pause_reason end
     where c.organization_id = new.organization_id and c.client_id = new.merged_into_client_id
       and (new.relances_off and not c.relances_off
         or v_paused_until > coalesce(c.paused_until, '-infinity'));
  end if;
  insert into rubis.activity_event (organization_id, kind, label, invoice_id, data)
  select i.organization_id, 'client_merged',
         case when new.merged_into_client_id is null
           then format('client %s is itself again', new.name)
           else format('client %s is %s', new.name, c.name) end,
         i.invoice_id,
         jsonb_build_object('client_id', jsonb_build_array(
           coalesce(old.merged_into_client_id, old.client_id), c.client_id))
    from rubis.invoice as i
    join rubis.client as c
      on c.organization_id = i.organization_id
     and c.client_id = coalesce(new.merged_into_client_id, new.client_id)
   where i.organization_id = new.organization_id and i.client_id = new.client_id
     and i.status = 'open';
  return null;
end;
$$;
comment on function rubis.merge_effects() is
  'Trigger: a client is merged: earlier merges follow, exclusion and pause go over, events tell.';
