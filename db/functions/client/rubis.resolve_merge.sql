create or replace function rubis.resolve_merge()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Point a merged client to one that is not merged itself: a chain is one step long, and a circle is
-- refused. Its own plan is no longer followed, so it does not keep that plan from being deleted. A
-- refused address is left behind, so what was said before is doubtful.
--   Called by  trigger client_20_resolve_merge, before insert or update of merged_into_client_id
--   Raises     RB422
declare
  v_next_id bigint := new.merged_into_client_id;
begin
  while v_next_id is not null loop
    new.merged_into_client_id := v_next_id;
    select c.merged_into_client_id into v_next_id from rubis.client as c
     where c.organization_id = new.organization_id and c.client_id = new.merged_into_client_id
       for no key update;
    if new.client_id in (new.merged_into_client_id, v_next_id) then
      raise exception using errcode = 'RB422',
        constraint = 'client__merge_self', column = 'into_client_id',
        message = format('client %s cannot be merged into itself', new.client_id);
    end if;
  end loop;
  new.relance_plan_id := null;
  if new.pause_reason = 'address refused' then
    new.doubted_at := rubis.clock();
  end if;
  return new;
end;
$$;
comment on function rubis.resolve_merge() is
  'Trigger: a client points to the last client of a chain, never to itself. RB422.';
