create or replace function api.leave_message(p_access_token_hash bytea, p_message jsonb)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Leave what the next page of this web session is to say. A later message replaces it.
--   Called by  app/web/visit.py
--   Writes     access_token
--   Raises     RB401, RB422 access_token__message
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
begin
  if coalesce(jsonb_typeof(p_message), '') <> 'object' or length(p_message::text) > 4000 then
    raise exception using errcode = 'RB422', constraint = 'access_token__message',
      column = 'message', message = 'message must be a JSON object of at most 4,000 characters';
  end if;
  update rubis.access_token as t
     set message = p_message
   where t.organization_id = v_actor.organization_id and t.token_hash = p_access_token_hash
     and t.kind = 'web';
end;
$$;
comment on function api.leave_message(bytea, jsonb) is
  'What the next page of a web session says has just happened. RB401, RB422.';
