create or replace function rubis.prepare_clients(
  p_organization_id bigint, p_import_draft_ids bigint[]
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Create the clients of these drafts that are new, in the order of their key. A name that several
-- clients have is left for the validation of its draft to refuse.
--   Called by  api.validate_certain_drafts
--   Writes     client
declare
  v_client record;
begin
  for v_client in
    select distinct on (rubis.key(d.client_name), coalesce(rubis.key(d.client_email), ''))
           d.client_name, d.client_email
      from rubis.import_draft as d
     where d.organization_id = p_organization_id
       and d.import_draft_id = any (p_import_draft_ids)
     order by rubis.key(d.client_name), coalesce(rubis.key(d.client_email), ''),
              d.import_draft_id
  loop
    begin
      perform rubis.find_or_create_client(
        p_organization_id, v_client.client_name, v_client.client_email, 'client_name');
    exception when sqlstate 'RB422' then
      null;
    end;
  end loop;
end;
$$;
comment on function rubis.prepare_clients(bigint, bigint[]) is
  'Create the clients of these import drafts that are new.';
