create or replace function api.get_client(p_access_token_hash bytea, p_client_id bigint)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- One client; of one that is merged, the client it is merged into.
--   Called by  app/api/routes/clients.py
--   Raises     RB401, RB404
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_client rubis.client;
begin
  select c.* into v_client from rubis.client as c
   where c.organization_id = v_actor.organization_id
     and c.client_id = rubis.live_client_id(v_actor.organization_id, p_client_id);
  if not found then
    raise exception using errcode = 'RB404', constraint = 'client__missing', column = 'client_id',
      message = format('client %s does not exist', p_client_id);
  end if;
  return rubis.client_document(v_client);
end;
$$;
comment on function api.get_client(bytea, bigint) is 'One client. RB401, RB404.';
