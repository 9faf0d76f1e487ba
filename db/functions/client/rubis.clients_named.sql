create or replace function rubis.clients_named(
  p_organization_id bigint, p_name text, p_email text
)
returns bigint[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Which clients a name and an address mean, or a name alone. A merged client stands for the one it
-- is merged into.
--   Called by  rubis.find_or_create_client, rubis.import_doubts
  select array(
    select distinct coalesce(c.merged_into_client_id, c.client_id) from rubis.client as c
     where c.organization_id = p_organization_id and rubis.key(c.name) = rubis.key(p_name)
       and (p_email is null or coalesce(rubis.key(c.email), '') = rubis.key(p_email))
     order by 1);
$$;
comment on function rubis.clients_named(bigint, text, text) is
  'client_ids of the clients with that name and, if it is given, that e-mail, by rubis.key.';
