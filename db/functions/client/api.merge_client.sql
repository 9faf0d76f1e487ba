create or replace function api.merge_client(
  p_access_token_hash bytea, p_client_id bigint, p_into_client_id bigint
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Merge a client into another one, which it turned out to be. Its invoices stay where they are; its
-- name leads to the other one. A second call changes nothing.
--   Called by  app/api/routes/clients.py
--   Writes     client; events and relances by its triggers
--   Raises     RB401, RB404, RB409 client__merged, RB422 client__merged_into,
--              RB422 client__merge_self
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_into_id bigint := rubis.live_client_id(v_actor.organization_id, p_into_client_id);
  v_client rubis.client;
  v_client_ids bigint[];
begin
  select c.* into v_client from rubis.client as c
   where c.organization_id = v_actor.organization_id and c.client_id = p_client_id;
  if not found then
    raise exception using errcode = 'RB404', constraint = 'client__missing', column = 'client_id',
      message = format('client %s does not exist', p_client_id);
  elsif v_into_id is null then
    raise exception using errcode = 'RB422',
      constraint = 'client__merged_into', column = 'into_client_id',
      message = format('client %s does not exist', p_into_client_id);
  end if;
  -- The triggers write these clients, and plan their invoices again in several steps: all are
  -- locked first.
  v_client_ids := p_client_id || rubis.clients_reached(
    v_actor.organization_id, array[p_client_id, v_into_id], array(
      select c.email from rubis.client as c
       where c.organization_id = v_actor.organization_id
         and p_client_id in (c.client_id, c.merged_into_client_id)));
  perform from rubis.client as c
    where c.organization_id = v_actor.organization_id
      and c.client_id = any (v_client_ids)
    order by c.client_id
      for no key update;
  perform rubis.hold_planning(v_actor.organization_id, v_client_ids);
  select c.* into v_client from rubis.client as c
   where c.organization_id = v_actor.organization_id and c.client_id = p_client_id;
  if v_client.merged_into_client_id <> v_into_id then
    raise exception using errcode = 'RB409', constraint = 'client__merged', column = 'client_id',
      message = format(
        'client %s is merged into client %s already', p_client_id, v_client.merged_into_client_id);
  elsif v_client.merged_into_client_id is null then
    update rubis.client as c
       set merged_into_client_id = v_into_id
     where c.organization_id = v_actor.organization_id and c.client_id = p_client_id;
  end if;
  return rubis.client_document(rubis.lock_client(v_actor.organization_id, v_into_id));
end;
$$;
comment on function api.merge_client(bytea, bigint, bigint) is
  'Merge a client into another, once; returns that other one. RB401, RB404, RB409, RB422.';
