create or replace function api.resume_client(p_access_token_hash bytea, p_client_id bigint)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- End the pause of a client. Without a pause, nothing changes.
--   Called by  app/api/routes/clients.py
--   Writes     client; events and relances by its triggers
--   Raises     RB401, RB404
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
begin
  perform rubis.lock_client(v_actor.organization_id, p_client_id);
  update rubis.client as c
     set paused_until = null, pause_reason = null
   where c.organization_id = v_actor.organization_id and c.client_id = p_client_id
     and c.paused_until is not null;
  return rubis.client_document(rubis.lock_client(v_actor.organization_id, p_client_id));
end;
$$;
comment on function api.resume_client(bytea, bigint) is
  'End the pause of a client. RB401, RB404.';
