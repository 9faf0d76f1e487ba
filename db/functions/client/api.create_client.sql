create or replace function api.create_client(
  p_access_token_hash bytea, p_name text, p_email text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Add a client.
--   Called by  app/api/routes/clients.py
--   Writes     client
--   Raises     RB401, RB409 client__name_email
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_client rubis.client;
begin
  insert into rubis.client as c (organization_id, name, email)
  values (v_actor.organization_id, p_name, p_email)
  on conflict (organization_id, rubis.key(name), coalesce(rubis.key(email), '')) do nothing
  returning c.* into v_client;
  if not found then
    raise exception using errcode = 'RB409', constraint = 'client__name_email', column = 'name',
      message = format('a client %s with this e-mail exists already', p_name),
      hint = format('it is client %s', (
        select coalesce(c.merged_into_client_id, c.client_id) from rubis.client as c
         where c.organization_id = v_actor.organization_id and rubis.key(c.name) = rubis.key(p_name)
           and coalesce(rubis.key(c.email), '') = coalesce(rubis.key(p_email), '')));
  end if;
  return rubis.client_document(v_client);
end;
$$;
comment on function api.create_client(bytea, text, text) is 'Add a client. RB401, RB409.';
