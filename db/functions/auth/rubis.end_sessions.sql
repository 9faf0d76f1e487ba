create or replace function rubis.end_sessions(
  p_organization_id bigint, p_user_id bigint, p_but_session_id uuid default null
)
returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- End all sessions of a user but one, or all. The caller holds the lock on the user.
--   Called by  api.end_other_sessions, rubis.set_password, rubis.stop_address_change
--   Writes     access_token, refresh_token
declare
  v_ended uuid[] := array(
    select t.session_id from rubis.access_token as t
     where t.organization_id = p_organization_id and t.user_id = p_user_id
       and t.session_id is distinct from p_but_session_id and t.expires_at > rubis.clock()
     union
    select t.session_id from rubis.refresh_token as t
     where t.organization_id = p_organization_id and t.user_id = p_user_id
       and t.session_id is distinct from p_but_session_id and t.expires_at > rubis.clock()
       and t.revoked_at is null);
begin
  perform rubis.revoke_session(p_organization_id, s.session_id)
     from unnest(v_ended) as s (session_id);
  return cardinality(v_ended);
end;
$$;
comment on function rubis.end_sessions(bigint, bigint, uuid) is
  'End all sessions of a user but one; returns how many.';
