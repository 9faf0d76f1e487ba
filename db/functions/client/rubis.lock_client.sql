create or replace function rubis.lock_client(p_organization_id bigint, p_client_id bigint)
returns rubis.client
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Lock a client of this organization, or the one it is merged into, until the transaction ends;
-- with it the others of its address, in key order: what is paused or refused for one holds for all.
--   Called by  api.update_client, api.pause_client, api.resume_client, api.merge_client
--   Raises     RB404
declare
  v_client rubis.client;
begin
  loop
    select c.* into v_client from rubis.client as c
     where c.organization_id = p_organization_id
       and c.client_id = rubis.live_client_id(p_organization_id, p_client_id);
    if not found then
      raise exception using errcode = 'RB404', constraint = 'client__missing', column = 'client_id',
        message = format('client %s does not exist', p_client_id);
    end if;
    perform from rubis.client as c
      where c.organization_id = p_organization_id and c.merged_into_client_id is null
        and c.client_id = any (rubis.clients_reached(
          p_organization_id, array[v_client.client_id], array[v_client.email]))
      order by c.client_id
        for no key update;
    select c.* into v_client from rubis.client as c
     where c.organization_id = p_organization_id and c.client_id = v_client.client_id;
    exit when v_client.merged_into_client_id is null;  -- else it was merged before the lock came
  end loop;
  return v_client;
end;
$$;
comment on function rubis.lock_client(bigint, bigint) is
  'Lock and return a client, or the one it is merged into, with all of its address. RB404.';
