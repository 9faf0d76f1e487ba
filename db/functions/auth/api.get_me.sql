create or replace function api.get_me(p_access_token_hash bytea)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- The user who is signed in, and the organization.
--   Called by  app/api/routes/me.py
--   Raises     RB401
begin
  return rubis.session_document(rubis.require_actor(p_access_token_hash));
end;
$$;
comment on function api.get_me(bytea) is 'The user who is signed in: {user, organization}. RB401.';
