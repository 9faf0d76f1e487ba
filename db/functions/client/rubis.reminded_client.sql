create or replace function rubis.reminded_client(p_organization_id bigint, p_client_id bigint)
returns rubis.client
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Find the client whom a letter about an invoice of p_client_id would reach, with relances_off,
-- paused_until and doubted_at as they hold for the address: what is excluded, paused or refused
-- under one name is so under every name. What makes a word doubtful before a merge does so after
-- it.
--   Called by  rubis.relance_verdict, rubis.schedule_relance, rubis.reminders_after_pending,
--              rubis.held_letters, rubis.invoice_outlook, api.show_invoice
declare
  v_client rubis.client;
  v_relances_off boolean;
  v_paused_until date;
  v_doubted_at timestamptz;
begin
  select c.* into strict v_client from rubis.client as c
   where c.organization_id = p_organization_id
     and c.client_id = rubis.live_client_id(p_organization_id, p_client_id);
  select bool_or(c.relances_off), max(c.paused_until)::date, greatest(max(c.doubted_at), (
           select m.doubted_at from rubis.client as m
            where m.organization_id = p_organization_id and m.client_id = p_client_id))::timestamptz
    into v_relances_off, v_paused_until, v_doubted_at
    from rubis.client as c
   where c.organization_id = p_organization_id and c.merged_into_client_id is null
     and (c.client_id = v_client.client_id or rubis.key(c.email) = rubis.key(v_client.email));
  if (v_relances_off, v_paused_until, v_doubted_at)
    is distinct from (v_client.relances_off, v_client.paused_until, v_client.doubted_at) then
    return jsonb_populate_record(v_client, jsonb_build_object(
      'relances_off', v_relances_off, 'paused_until', v_paused_until,
      'doubted_at', v_doubted_at));
  end if;
  return v_client;
end;
$$;
comment on function rubis.reminded_client(bigint, bigint) is
  'The live client behind a client, excluded and paused as any client of the same address is.';
