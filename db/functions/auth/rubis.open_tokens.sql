create or replace function rubis.open_tokens(
  p_actor rubis.actor, p_session_id uuid,
  p_access_token_hash bytea, p_access_expires_in interval,
  p_refresh_token_hash bytea, p_refresh_expires_in interval,
  p_device text, p_address text, p_began_at timestamptz default null
)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Record the access and the refresh token of a session. Only the API knows their text. Without a
-- refresh token it is a session of the web app. A list shows who asked for it, and from where.
--   Called by  api.register, api.login, api.refresh_session
--   Writes     access_token, refresh_token
begin
  insert into rubis.access_token (
    organization_id, user_id, session_id, token_hash, kind, expires_at, device, address)
  values (p_actor.organization_id, p_actor.user_id, p_session_id, p_access_token_hash,
          case when p_refresh_token_hash is null then 'web' else 'api' end,
          rubis.clock() + p_access_expires_in, p_device, p_address);
  if p_refresh_token_hash is not null then
    insert into rubis.refresh_token (
      organization_id, user_id, session_id, token_hash, expires_at, began_at, device, address)
    values (p_actor.organization_id, p_actor.user_id, p_session_id, p_refresh_token_hash,
            rubis.clock() + p_refresh_expires_in, coalesce(p_began_at, rubis.clock()), p_device,
            p_address);
  end if;
  return rubis.session_document(p_actor);
end;
$$;
comment on function rubis.open_tokens(
  rubis.actor, uuid, bytea, interval, bytea, interval, text, text, timestamptz
) is
  'Record an access token of a session, and a refresh token if there is one; returns '
  '{user, organization}.';
