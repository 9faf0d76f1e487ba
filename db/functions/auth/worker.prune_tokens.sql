create or replace function worker.prune_tokens(p_limit int default 1000)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Delete expired tokens, at most p_limit of each kind, in all organizations at once. A used refresh
-- token stays until it expires: it tells a reused token from an unknown one. What to delete is
-- found once: the plan of a subquery may run it again, past the limit.
--   Called by  worker/chores.py
--   Writes     access_token, refresh_token
declare
  v_access int;
  v_refresh int;
begin
  with expired as materialized (
    select x.organization_id, x.access_token_id from rubis.access_token as x
     where x.expires_at <= rubis.clock()
     order by x.expires_at limit p_limit
       for update skip locked
  )
  delete from rubis.access_token as t
   using expired as e
   where t.organization_id = e.organization_id and t.access_token_id = e.access_token_id;
  get diagnostics v_access = row_count;
  with expired as materialized (
    select x.organization_id, x.refresh_token_id from rubis.refresh_token as x
     where x.expires_at <= rubis.clock()
     order by x.expires_at limit p_limit
       for update skip locked
  )
  delete from rubis.refresh_token as t
   using expired as e
   where t.organization_id = e.organization_id and t.refresh_token_id = e.refresh_token_id;
  get diagnostics v_refresh = row_count;
  return jsonb_build_object('access_tokens', v_access, 'refresh_tokens', v_refresh);
end;
$$;
comment on function worker.prune_tokens(int) is
  'Delete expired tokens, at most p_limit of each kind: {access_tokens, refresh_tokens} deleted.';
