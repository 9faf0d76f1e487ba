create or replace function api.login(
  p_email text, p_password_hash text,
  p_access_token_hash bytea, p_access_expires_in interval,
  p_refresh_token_hash bytea default null, p_refresh_expires_in interval default null,
  p_device text default null, p_address text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Open a session for a user whose password the API has verified against p_password_hash. That hash
-- must still be the stored one: if the password was changed meanwhile, no session is opened.
-- Without a refresh token it is a session of the web app.
--   Called by  app/core/accounts.py
--   Writes     access_token, refresh_token
--   Raises     RB401 app_user__credentials
declare
  v_actor rubis.actor;
begin
  select u.organization_id, u.user_id into v_actor
    from rubis.app_user as u
   where rubis.key(u.email) = rubis.key(p_email) and u.password_hash = p_password_hash;
  if not found then
    raise exception using errcode = 'RB401', constraint = 'app_user__credentials',
      message = 'the e-mail or the password is wrong';
  end if;
  return rubis.open_tokens(
    v_actor, gen_random_uuid(),
    p_access_token_hash, p_access_expires_in, p_refresh_token_hash, p_refresh_expires_in,
    p_device, p_address);
end;
$$;
comment on function api.login(text, text, bytea, interval, bytea, interval, text, text) is
  'Open a session after the password was verified: {user, organization}. Public. RB401.';
