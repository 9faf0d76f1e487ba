create or replace function rubis.user_document(p_organization_id bigint, p_user_id bigint)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- A user as the API shows it, without the password's hash.
--   Called by  rubis.session_document, api.request_email_proof, api.update_me,
--              api.change_password, api.request_email_change
  select jsonb_build_object('user_id', u.user_id, 'email', u.email, 'full_name', u.full_name,
    'locale', coalesce(u.locale, o.locale), 'email_proven_at', u.email_proven_at)
    from rubis.app_user as u
    join rubis.organization as o on o.organization_id = u.organization_id
   where u.organization_id = p_organization_id and u.user_id = p_user_id;
$$;
comment on function rubis.user_document(bigint, bigint) is
  'A user as JSON: user_id, email, full_name, locale, email_proven_at.';
