create or replace function api.update_me(p_access_token_hash bytea, p_changes jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Change the name or the language of the user who is signed in.
--   Called by  app/api/routes/me.py, app/web/pages/account.py
--   Writes     app_user
--   Raises     RB401, RB422
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_user rubis.app_user;
begin
  perform rubis.check_fields(p_changes, array['full_name'], array['locale']);
  select u.* into strict v_user from rubis.app_user as u
   where u.organization_id = v_actor.organization_id and u.user_id = v_actor.user_id
     for no key update;
  v_user := jsonb_populate_record(v_user, p_changes);
  update rubis.app_user as u
     set full_name = v_user.full_name, locale = v_user.locale
   where u.organization_id = v_actor.organization_id and u.user_id = v_actor.user_id;
  return rubis.user_document(v_actor.organization_id, v_actor.user_id);
end;
$$;
comment on function api.update_me(bytea, jsonb) is
  'Change one''s own full_name or locale (null: the organization''s). RB401, RB422.';
