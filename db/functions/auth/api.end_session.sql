create or replace function api.end_session(
  p_access_token_hash bytea, p_session_id uuid default null
)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- End a session of the user, or the one that calls. One that has ended already is not there.
--   Called by  app/api/routes/me.py, app/web/pages/account.py
--   Writes     access_token, refresh_token
--   Raises     RB401, RB404 session__missing
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_session_id uuid;
begin
  perform from rubis.app_user as u
    where u.organization_id = v_actor.organization_id and u.user_id = v_actor.user_id
      for no key update;
  select t.session_id into v_session_id from rubis.access_token as t
   where t.organization_id = v_actor.organization_id and t.user_id = v_actor.user_id
     and case when p_session_id is null then t.token_hash = p_access_token_hash
           else t.session_id = p_session_id end
  union
  select t.session_id from rubis.refresh_token as t
   where t.organization_id = v_actor.organization_id and t.user_id = v_actor.user_id
     and t.session_id = p_session_id and t.revoked_at is null;
  if not found then
    raise exception using errcode = 'RB404', constraint = 'session__missing',
      column = 'session_id', message = format('session %s does not exist', p_session_id);
  end if;
  perform rubis.revoke_session(v_actor.organization_id, v_session_id);
end;
$$;
comment on function api.end_session(bytea, uuid) is
  'End a session of one''s own, by default the one that calls. RB401, RB404.';
