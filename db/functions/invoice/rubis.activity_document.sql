create or replace function rubis.activity_document(p_event rubis.activity_event)
returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- An activity event as the API shows it, with the names that a reader knows: who did it, which
-- invoice, whose.
--   Called by  rubis.list_activity
begin
  return (
    select to_jsonb(p_event) - 'organization_id' || jsonb_build_object(
        'user_name', (
          select u.full_name from rubis.app_user as u
           where u.organization_id = p_event.organization_id and u.user_id = p_event.user_id),
        'number', i.number, 'client_name', c.name)
      from rubis.invoice as i
      join rubis.client as c
        on c.organization_id = i.organization_id
       and c.client_id = rubis.live_client_id(i.organization_id, i.client_id)
     where i.organization_id = p_event.organization_id and i.invoice_id = p_event.invoice_id);
end;
$$;
comment on function rubis.activity_document(rubis.activity_event) is
  'An activity event as JSON: its columns but organization_id, user_name, and number and '
  'client_name of its invoice.';
