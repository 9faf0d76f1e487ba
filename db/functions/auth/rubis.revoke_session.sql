create or replace function rubis.revoke_session(p_organization_id bigint, p_session_id uuid)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- End a session: none of its tokens is accepted any more. The caller holds the lock on its user.
--   Called by  api.refresh_session, api.logout, api.end_session, rubis.end_sessions
--   Writes     refresh_token, access_token
begin
  update rubis.refresh_token as t
     set revoked_at = rubis.clock()
   where t.organization_id = p_organization_id and t.session_id = p_session_id
     and t.revoked_at is null;
  delete from rubis.access_token as t
   where t.organization_id = p_organization_id and t.session_id = p_session_id;
end;
$$;
comment on function rubis.revoke_session(bigint, uuid) is
  'Revoke every refresh token of a session and delete its access tokens.';
