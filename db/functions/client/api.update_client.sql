create or replace function api.update_client(
  p_access_token_hash bytea, p_client_id bigint, p_changes jsonb
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Change a client: its name, address, language, terms of payment, plan, or whether it is reminded
-- at all. Without terms_days, the organization's terms count.
--   Called by  app/api/routes/clients.py
--   Writes     client; relance by its triggers
--   Raises     RB401, RB404, RB409 client__name_email, RB422
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_client rubis.client;
begin
  perform rubis.check_fields(
    p_changes, array['name', 'is_business', 'relances_off'],
    array['email', 'locale', 'relance_plan_id', 'terms_days', 'terms_end_of_month']);
  v_client := rubis.lock_client(v_actor.organization_id, p_client_id);
  v_client := jsonb_populate_record(v_client, p_changes);
  if v_client.relance_plan_id is not null then
    perform rubis.check_plan(v_actor.organization_id, v_client.relance_plan_id);
  end if;
  if v_client.terms_days is null and p_changes ->> 'terms_end_of_month' is not null then
    raise exception using errcode = 'RB422', constraint = 'client__terms_facts',
      column = 'terms_end_of_month', message = 'terms_end_of_month needs terms_days';
  end if;
  update rubis.client as c
     set name = v_client.name, email = v_client.email, locale = v_client.locale,
         is_business = v_client.is_business,
         relance_plan_id = v_client.relance_plan_id, relances_off = v_client.relances_off,
         terms_days = v_client.terms_days,
         terms_end_of_month = case when v_client.terms_days is not null then
           coalesce(v_client.terms_end_of_month, false) end
   where c.organization_id = v_actor.organization_id and c.client_id = v_client.client_id;
  return rubis.client_document(rubis.lock_client(v_actor.organization_id, p_client_id));
exception
  when unique_violation then
    raise exception using errcode = 'RB409', constraint = 'client__name_email', column = 'name',
      message = format('a client %s with this e-mail exists already', v_client.name);
end;
$$;
comment on function api.update_client(bytea, bigint, jsonb) is
  'Change a client: name, email, locale, is_business, relance_plan_id, relances_off, '
  'terms_days, terms_end_of_month. RB401, RB404, RB409, RB422.';
