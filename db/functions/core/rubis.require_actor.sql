create or replace function rubis.require_actor(p_access_token_hash bytea)
returns rubis.actor
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Who holds this access token. The token is the right: no caller names an organization.
--   Called by  every api function that is not public
--   Writes     the transaction's setting rubis.user_id, for activity_event.user_id
--   Raises     RB401
declare
  v_actor rubis.actor;
begin
  select t.organization_id, t.user_id into v_actor
    from rubis.access_token as t
   where t.token_hash = p_access_token_hash
     and t.expires_at > rubis.clock();
  if not found then
    raise exception using errcode = 'RB401', constraint = 'access_token__unknown',
      message = 'the access token is unknown or has expired',
      hint = 'sign in, or refresh the session';
  end if;
  perform pg_catalog.set_config('rubis.user_id', v_actor.user_id::text, true);
  return v_actor;
end;
$$;
comment on function rubis.require_actor(bytea) is
  'Organization and user behind the SHA-256 of an access token. RB401.';
