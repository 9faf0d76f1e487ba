create or replace function rubis.check_client(p_organization_id bigint, p_client_id bigint)
returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Find the client that a client_id, given as a field, stands for. Refuse one that is not this
-- organization's.
--   Called by  api.create_invoice, api.update_invoice
--   Raises     RB422
declare
  v_client_id bigint := rubis.live_client_id(p_organization_id, p_client_id);
begin
  if v_client_id is null then
    raise exception using errcode = 'RB422', constraint = 'invoice__client', column = 'client_id',
      message = format('client %s does not exist', p_client_id);
  end if;
  return v_client_id;
end;
$$;
comment on function rubis.check_client(bigint, bigint) is
  'client_id of the live client behind one; refuse one that is not the organization''s. RB422.';
