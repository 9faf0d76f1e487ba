create or replace function rubis.lock_client(p_organization_id bigint, p_client_id bigint)
returns rubis.client
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Lock a client of this organization until the transaction ends.
--   Called by  api.update_client, api.pause_client, api.resume_client, worker.begin_relance_send,
--              worker.fail_relance_send
--   Raises     RB404
declare
  v_client rubis.client;
begin
  select c.* into v_client from rubis.client as c
   where c.organization_id = p_organization_id and c.client_id = p_client_id
     for no key update;
  if not found then
    raise exception using errcode = 'RB404', constraint = 'client__missing', column = 'client_id',
      message = format('client %s does not exist', p_client_id);
  end if;
  return v_client;
end;
$$;
comment on function rubis.lock_client(bigint, bigint) is
  'Lock and return a client of the organization. RB404.';
