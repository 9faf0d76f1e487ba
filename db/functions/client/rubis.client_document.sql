create or replace function rubis.client_document(p_client rubis.client)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- A client as the API shows it.
--   Called by  the api functions of clients
  select jsonb_build_object(
    'client_id', p_client.client_id,
    'name', p_client.name,
    'email', p_client.email,
    'locale', p_client.locale,
    'is_business', p_client.is_business,
    'relance_plan_id', p_client.relance_plan_id,
    'relances_off', p_client.relances_off,
    'terms_days', p_client.terms_days,
    'terms_end_of_month', p_client.terms_end_of_month,
    'pause', rubis.pause_document(p_client.paused_until, p_client.pause_reason),
    'same_address_client_ids', (
      select coalesce(jsonb_agg(c.client_id order by c.client_id), '[]') from rubis.client as c
       where c.organization_id = p_client.organization_id and c.merged_into_client_id is null
         and rubis.key(c.email) = rubis.key(p_client.email) and c.client_id <> p_client.client_id),
    'created_at', p_client.created_at);
$$;
comment on function rubis.client_document(rubis.client) is
  'A client as JSON, with its relance settings.';
