create or replace function api.list_sessions(p_access_token_hash bytea)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- The sessions of who is signed in, last used first: of the web app, and of programs, which live by
-- their refresh tokens.
--   Called by  app/api/routes/me.py, app/web/pages/account.py
--   Raises     RB401
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
begin
  return jsonb_build_object('items', (
    select coalesce(jsonb_agg(
             jsonb_build_object(
               'session_id', s.session_id, 'kind', s.kind, 'created_at', s.created_at,
               'seen_at', s.seen_at, 'device', s.device, 'address', s.address,
               'current', s.session_id = (
                 select t.session_id from rubis.access_token as t
                  where t.organization_id = v_actor.organization_id
                    and t.token_hash = p_access_token_hash))
             order by s.seen_at desc, s.session_id), '[]')
      from (
        select t.session_id, 'web' as kind, t.created_at, t.seen_at, t.device, t.address
          from rubis.access_token as t
         where t.organization_id = v_actor.organization_id and t.user_id = v_actor.user_id
           and t.kind = 'web' and t.expires_at > rubis.clock()
        union all
        (select distinct on (t.session_id)
                t.session_id, 'api', t.began_at, t.created_at, t.device, t.address
           from rubis.refresh_token as t
          where t.organization_id = v_actor.organization_id and t.user_id = v_actor.user_id
            and t.expires_at > rubis.clock() and t.used_at is null and t.revoked_at is null
          order by t.session_id, t.created_at desc, t.refresh_token_id desc)
      ) as s));
end;
$$;
comment on function api.list_sessions(bytea) is
  'One''s own sessions, last used first: {items: [{session_id, kind, created_at, seen_at, device, '
  'address, current}]}. RB401.';
