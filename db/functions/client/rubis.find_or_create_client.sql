create or replace function rubis.find_or_create_client(
  p_organization_id bigint, p_name text, p_email text
)
returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Find the client with that name and address, or create it. Two calls at once create one client.
--   Called by  api.create_invoice, api.validate_import_draft
--   Writes     client
declare
  v_client_id bigint;
begin
  loop
    insert into rubis.client as c (organization_id, name, email)
    values (p_organization_id, p_name, p_email)
    on conflict (organization_id, lower(name), lower(coalesce(email, ''))) do nothing
    returning c.client_id into v_client_id;
    exit when found;
    select c.client_id into v_client_id
      from rubis.client as c
     where c.organization_id = p_organization_id
       and lower(c.name) = lower(p_name)
       and lower(coalesce(c.email, '')) = lower(coalesce(p_email, ''));
    exit when found;  -- else it was renamed between the two statements
  end loop;
  return v_client_id;
end;
$$;
comment on function rubis.find_or_create_client(bigint, text, text) is
  'client_id of the client with that name and e-mail, ignoring case; a new one if there is none.';
