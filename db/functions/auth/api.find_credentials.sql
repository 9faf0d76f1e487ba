create or replace function api.find_credentials(p_email text)
returns jsonb
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Return the hash against which the API verifies a password, and nothing else about the user.
--   Called by  app/core/accounts.py
  select jsonb_build_object('password_hash', u.password_hash)
    from rubis.app_user as u
   where rubis.key(u.email) = rubis.key(p_email);
$$;
comment on function api.find_credentials(text) is
  'The argon2id hash behind an e-mail: {password_hash}, or null. Public.';
