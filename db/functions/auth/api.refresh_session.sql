create or replace function api.refresh_session(
  p_refresh_token_hash bytea,
  p_access_token_hash bytea, p_access_expires_in interval,
  p_next_refresh_token_hash bytea, p_refresh_expires_in interval,
  p_device text default null, p_address text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Exchange a refresh token for the next pair of tokens. For 30 s more it gives another pair: two
-- tabs of one browser may ask at once. If it was exchanged longer ago, two parties hold it, and its
-- whole session is revoked (RFC 9700, section 4.14). The revocation must be committed, so the
-- function returns an outcome and raises no error. It locks the user's row first: a revocation sees
-- all tokens.
--   Called by  app/api/routes/auth.py
--   Writes     refresh_token, access_token
declare
  v_actor rubis.actor;
  v_token rubis.refresh_token;
begin
  select t.organization_id, t.user_id into v_actor
    from rubis.refresh_token as t
   where t.token_hash = p_refresh_token_hash;
  if not found then
    return jsonb_build_object('outcome', 'unknown');
  end if;
  perform from rubis.app_user as u
    where u.organization_id = v_actor.organization_id and u.user_id = v_actor.user_id
      for no key update;
  select t.* into v_token from rubis.refresh_token as t
   where t.organization_id = v_actor.organization_id and t.token_hash = p_refresh_token_hash
     for no key update;
  if v_token.used_at <= rubis.clock() - interval '30 seconds'
    or v_token.used_at is not null and v_token.revoked_at is not null then
    perform rubis.revoke_session(v_actor.organization_id, v_token.session_id);
    return jsonb_build_object('outcome', 'reused');
  end if;
  if not found or v_token.revoked_at is not null or v_token.expires_at <= rubis.clock() then
    return jsonb_build_object('outcome', 'expired');
  end if;
  update rubis.refresh_token as t
     set used_at = coalesce(t.used_at, rubis.clock())
   where t.organization_id = v_actor.organization_id
     and t.refresh_token_id = v_token.refresh_token_id;
  return jsonb_build_object('outcome', 'refreshed') || rubis.open_tokens(
    v_actor, v_token.session_id,
    p_access_token_hash, p_access_expires_in, p_next_refresh_token_hash, p_refresh_expires_in,
    p_device, p_address, v_token.began_at);
end;
$$;
comment on function api.refresh_session(
  bytea, bytea, interval, bytea, interval, text, text
) is
  'Rotate a refresh token. Outcome refreshed with user, organization; or unknown, expired, reused. '
  'Public.';
