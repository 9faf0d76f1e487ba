create or replace function api.resume_client(p_access_token_hash bytea, p_client_id bigint)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- End the pause of a client and of every client of its address. Without one, nothing changes.
--   Called by  app/api/routes/clients.py
--   Writes     client; events and relances by its triggers
--   Raises     RB401, RB404
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_client rubis.client := rubis.lock_client(v_actor.organization_id, p_client_id);
begin
  update rubis.client as c
     set paused_until = null, pause_reason = null
   where c.organization_id = v_actor.organization_id and c.merged_into_client_id is null
     and c.paused_until is not null
     and c.client_id = any (rubis.clients_reached(
       v_actor.organization_id, array[v_client.client_id], array[v_client.email]));
  return rubis.client_document(rubis.lock_client(v_actor.organization_id, p_client_id));
end;
$$;
comment on function api.resume_client(bytea, bigint) is
  'End the pause of a client and of all of its address. RB401, RB404.';
