create or replace function api.show_client(p_access_token_hash bytea, p_client_id bigint)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Show a client (of one that is merged, the one it is merged into) with what it owes, how it pays,
-- and which clients look like doubles of it: of the same name, accents aside, or address.
--   Called by  app/api/routes/clients.py, app/web/pages/clients.py
--   Raises     RB401, RB404
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_organization_id bigint := v_actor.organization_id;
  v_today date := rubis.today(v_organization_id);
  v_client_ids bigint[] := rubis.client_names(v_organization_id, p_client_id);
  v_client rubis.client;
begin
  select c.* into strict v_client from rubis.client as c
   where c.organization_id = v_organization_id and c.client_id = v_client_ids[1];
  return jsonb_build_object(
    'client', rubis.client_document(v_client),
    'owed', rubis.owed_document(v_organization_id, v_client_ids),
    'days_late', (
      select coalesce(greatest(v_today - min(i.due_on), 0), 0) from rubis.invoice as i
       where i.organization_id = v_organization_id and i.client_id = any (v_client_ids)
         and i.status = 'open' and not i.is_sample),
    'habits', rubis.client_habits(v_organization_id, v_client_ids, v_today),
    'doubles', (
      select coalesce(jsonb_agg(jsonb_build_object(
          'client_id', c.client_id, 'name', c.name, 'email', c.email,
          'same', case when c.search_key = v_client.search_key then 'name' else 'email' end)
          order by c.client_id), '[]')
        from rubis.client as c
       where c.organization_id = v_organization_id and c.merged_into_client_id is null
         and not c.is_sample
         and c.client_id <> v_client.client_id
         and (c.search_key = v_client.search_key or rubis.key(c.email) = rubis.key(v_client.email))
    ));
end;
$$;
comment on function api.show_client(bytea, bigint) is
  'A client with what it owes, how it pays and its likely doubles: {client, owed, days_late, '
  'habits, doubles}. RB401, RB404.';
