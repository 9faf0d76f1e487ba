create or replace function api.find_own_credentials(p_access_token_hash bytea)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Return the hash against which the API verifies the password of who is signed in, before what a
-- session alone must not do.
--   Called by  app/core/accounts.py
--   Raises     RB401
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
begin
  return (
    select jsonb_build_object('email', u.email, 'password_hash', u.password_hash)
      from rubis.app_user as u
     where u.organization_id = v_actor.organization_id and u.user_id = v_actor.user_id);
end;
$$;
comment on function api.find_own_credentials(bytea) is
  'The e-mail and the argon2id hash of who is signed in: {email, password_hash}. RB401.';
