create or replace function rubis.activity_document(p_event rubis.activity_event)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- An activity event as the API shows it.
--   Called by  api.list_activity
  select to_jsonb(p_event) - 'organization_id';
$$;
comment on function rubis.activity_document(rubis.activity_event) is
  'An activity event as JSON: its columns but organization_id.';
