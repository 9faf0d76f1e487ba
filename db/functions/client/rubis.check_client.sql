create or replace function rubis.check_client(p_organization_id bigint, p_client_id bigint)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Refuse a client_id, given as a field, that is not this organization's.
--   Called by  api.create_invoice, api.update_invoice
--   Raises     RB422
begin
  if not exists (
    select from rubis.client as c
     where c.organization_id = p_organization_id and c.client_id = p_client_id
  ) then
    raise exception using errcode = 'RB422', constraint = 'invoice__client', column = 'client_id',
      message = format('client %s does not exist', p_client_id);
  end if;
end;
$$;
comment on function rubis.check_client(bigint, bigint) is
  'Refuse a client_id that is not the organization''s. RB422.';
