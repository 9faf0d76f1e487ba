create or replace function rubis.session_document(p_actor rubis.actor)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- The user who is signed in and the organization, as the API shows them.
--   Called by  rubis.open_tokens, api.get_me
  select jsonb_build_object(
    'user', rubis.user_document(p_actor.organization_id, p_actor.user_id),
    'organization', rubis.organization_document(p_actor.organization_id));
$$;
comment on function rubis.session_document(rubis.actor) is
  'The user who is signed in, as JSON: user, organization.';
