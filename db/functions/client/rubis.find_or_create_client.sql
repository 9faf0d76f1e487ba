create or replace function rubis.find_or_create_client(
  p_organization_id bigint, p_name text, p_email text, p_field text default 'client.name'
)
returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Find the client with that name and address, or with that name if no address is given, or create
-- it. Two calls at once create one client. A merged client stands for the one it is merged into.
-- Of several clients with that name, none is guessed.
--   Called by  api.create_invoice, api.update_invoice, rubis.validate_draft, rubis.prepare_clients
--   Writes     client
--   Raises     RB422 client__ambiguous, naming p_field
declare
  v_client_ids bigint[];
begin
  loop
    v_client_ids := rubis.clients_named(p_organization_id, p_name, p_email);
    if cardinality(v_client_ids) > 1 then
      raise exception using errcode = 'RB422', constraint = 'client__ambiguous', column = p_field,
        message = format(
          '%s clients are called %s: say which by the e-mail', cardinality(v_client_ids), p_name),
        hint = format('clients %s', array_to_string(v_client_ids, ', '));
    end if;
    exit when cardinality(v_client_ids) = 1;
    insert into rubis.client as c (organization_id, name, email)
    values (p_organization_id, p_name, p_email)
    on conflict (organization_id, rubis.key(name), coalesce(rubis.key(email), '')) do nothing
    returning array[c.client_id] into v_client_ids;
    exit when found;  -- else another session made it between the two statements
  end loop;
  return v_client_ids[1];
end;
$$;
comment on function rubis.find_or_create_client(bigint, text, text, text) is
  'client_id of the client with that name and e-mail by rubis.key, or without e-mail the only one '
  'of that name; a new one if there is none. RB422.';
