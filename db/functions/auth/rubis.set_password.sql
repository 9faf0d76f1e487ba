create or replace function rubis.set_password(
  p_organization_id bigint, p_user_id bigint, p_password_hash text,
  p_but_session_id uuid default null
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Give a user a new password: all sessions but one end, links of forgotten passwords are void, and
-- a mail tells the user. The caller holds the lock on the user.
--   Called by  api.change_password, api.reset_password
--   Writes     app_user, access_token, refresh_token, mail
begin
  update rubis.app_user as u
     set password_hash = p_password_hash, password_changed_at = rubis.clock()
   where u.organization_id = p_organization_id and u.user_id = p_user_id;
  perform rubis.end_sessions(p_organization_id, p_user_id, p_but_session_id);
  perform rubis.add_notice(
    p_organization_id, p_user_id, 'password_changed',
    jsonb_build_object('changed_at', rubis.clock()));
end;
$$;
comment on function rubis.set_password(bigint, bigint, text, uuid) is
  'Give a user a new password, end all sessions but one, and tell the user by mail.';
