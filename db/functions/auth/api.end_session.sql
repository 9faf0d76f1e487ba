create or replace function api.end_session(p_access_token_hash bytea)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- End the session of this access token.
--   Called by  app/web/pages/account.py
--   Writes     access_token, refresh_token
--   Raises     RB401
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
begin
  perform from rubis.app_user as u
    where u.organization_id = v_actor.organization_id and u.user_id = v_actor.user_id
      for no key update;
  perform rubis.revoke_session(v_actor.organization_id, t.session_id)
     from rubis.access_token as t
    where t.organization_id = v_actor.organization_id and t.token_hash = p_access_token_hash;
end;
$$;
comment on function api.end_session(bytea) is 'End the session of this access token. RB401.';
