create or replace function rubis.live_client_id(p_organization_id bigint, p_client_id bigint)
returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Find who a client is: itself, or the client it is merged into. One step is enough, by
-- rubis.resolve_merge.
--   Called by  every function that reads the client of an invoice
begin
  return (
    select coalesce(c.merged_into_client_id, c.client_id) from rubis.client as c
     where c.organization_id = p_organization_id and c.client_id = p_client_id);
end;
$$;
comment on function rubis.live_client_id(bigint, bigint) is
  'client_id of the client that this one is or is merged into; null if it does not exist.';
