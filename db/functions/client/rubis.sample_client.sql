create or replace function rubis.sample_client(p_organization_id bigint, p_name text)
returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Find the client of an organization's samples, or make it, without an address. The caller holds
-- the organization. If a client of the user's has this name and no address, it is that one.
--   Called by  api.ask_sample
--   Writes     client
declare
  v_client_id bigint;
begin
  select c.client_id into v_client_id from rubis.client as c
   where c.organization_id = p_organization_id and c.is_sample
     and c.email is null and c.merged_into_client_id is null
   order by c.client_id limit 1;
  if not found then
    insert into rubis.client as c (organization_id, name, is_sample)
    values (p_organization_id, p_name, true)
    on conflict (organization_id, rubis.key(name), coalesce(rubis.key(email), '')) do nothing
    returning c.client_id into v_client_id;
  end if;
  return coalesce(v_client_id, (
    select c.client_id from rubis.client as c
     where c.organization_id = p_organization_id and rubis.key(c.name) = rubis.key(p_name)
       and c.email is null));
end;
$$;
comment on function rubis.sample_client(bigint, text) is
  'client_id of the client of an organization''s samples; it is made if there is none.';
