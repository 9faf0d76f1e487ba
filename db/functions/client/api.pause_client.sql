create or replace function api.pause_client(
  p_access_token_hash bytea, p_client_id bigint, p_until date, p_reason text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Stop the relances to this client, under every name of its address, until a day is over.
--   Called by  app/api/routes/clients.py
--   Writes     client; events by its triggers
--   Raises     RB401, RB404, RB422
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_client rubis.client;
begin
  perform rubis.check_pause(v_actor.organization_id, p_until);
  v_client := rubis.lock_client(v_actor.organization_id, p_client_id);
  update rubis.client as c
     set paused_until = p_until, pause_reason = p_reason
   where c.organization_id = v_actor.organization_id and c.client_id = v_client.client_id
  returning c.* into v_client;
  return rubis.client_document(v_client);
end;
$$;
comment on function api.pause_client(bytea, bigint, date, text) is
  'Pause the relances to a client until a day is over. RB401, RB404, RB422.';
