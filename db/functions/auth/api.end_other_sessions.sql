create or replace function api.end_other_sessions(p_access_token_hash bytea)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- End all sessions of the user but the one that calls.
--   Called by  app/api/routes/me.py, app/web/pages/account.py
--   Writes     access_token, refresh_token
--   Raises     RB401
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_own uuid;
begin
  perform from rubis.app_user as u
    where u.organization_id = v_actor.organization_id and u.user_id = v_actor.user_id
      for no key update;
  select t.session_id into strict v_own from rubis.access_token as t
   where t.organization_id = v_actor.organization_id and t.token_hash = p_access_token_hash;
  return jsonb_build_object(
    'ended', rubis.end_sessions(v_actor.organization_id, v_actor.user_id, v_own));
end;
$$;
comment on function api.end_other_sessions(bytea) is
  'End all sessions of the user but this one: {ended}. RB401.';
