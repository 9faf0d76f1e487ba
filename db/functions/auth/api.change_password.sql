create or replace function api.change_password(
  p_access_token_hash bytea, p_password_hash text, p_new_password_hash text
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Change the password of who is signed in, after the API verified the old one against
-- p_password_hash. All other sessions end.
--   Called by  app/core/accounts.py
--   Writes     app_user, access_token, refresh_token, mail
--   Raises     RB401, RB422 app_user__password
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_user rubis.app_user := rubis.lock_verified(v_actor, p_password_hash);
  v_own uuid;
begin
  select t.session_id into strict v_own from rubis.access_token as t
   where t.organization_id = v_actor.organization_id and t.token_hash = p_access_token_hash;
  perform rubis.set_password(
    v_user.organization_id, v_user.user_id, p_new_password_hash, v_own);
  return rubis.user_document(v_actor.organization_id, v_actor.user_id);
end;
$$;
comment on function api.change_password(bytea, text, text) is
  'Change one''s own password, after the old one was verified; other sessions end. RB401, RB422.';
