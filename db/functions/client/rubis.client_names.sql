create or replace function rubis.client_names(p_organization_id bigint, p_client_id bigint)
returns bigint[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Find all that stand for a client: the live one behind p_client_id, and those merged into it.
--   Called by  api.list_invoices, api.show_client, api.show_statement,
--              rubis.list_activity
--   Raises     RB404
declare
  v_live bigint := rubis.live_client_id(p_organization_id, p_client_id);
begin
  if v_live is null then
    raise exception using errcode = 'RB404', constraint = 'client__missing', column = 'client_id',
      message = format('client %s does not exist', p_client_id);
  end if;
  return v_live || array(
    select c.client_id from rubis.client as c
     where c.organization_id = p_organization_id and c.merged_into_client_id = v_live);
end;
$$;
comment on function rubis.client_names(bigint, bigint) is
  'client_id of a live client, first, and of all that are merged into it. RB404.';
