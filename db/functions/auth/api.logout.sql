create or replace function api.logout(p_refresh_token_hash bytea)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- End the session of this refresh token, also of one that is used or expired. An unknown token ends
-- nothing.
--   Called by  app/api/routes/auth.py
--   Writes     refresh_token, access_token
declare
  v_token rubis.refresh_token;
begin
  select t.* into v_token from rubis.refresh_token as t
   where t.token_hash = p_refresh_token_hash;
  if not found then
    return;
  end if;
  perform from rubis.app_user as u
    where u.organization_id = v_token.organization_id and u.user_id = v_token.user_id
      for no key update;
  perform rubis.revoke_session(v_token.organization_id, v_token.session_id);
end;
$$;
comment on function api.logout(bytea) is
  'End the session of a refresh token, if there is one. Public.';
