create or replace function api.register(
  p_email text, p_password_hash text, p_full_name text, p_organization_name text, p_locale text,
  p_access_token_hash bytea, p_access_expires_in interval,
  p_refresh_token_hash bytea default null, p_refresh_expires_in interval default null,
  p_device text default null, p_address text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Create an organization with its first user, and sign the user in: all or nothing. Without a
-- refresh token it is a session of the web app.
--   Called by  app/core/accounts.py
--   Writes     organization and, by its triggers, its relance plan; app_user; access_token,
--              refresh_token
--   Raises     RB409 app_user__email
declare
  v_organization_id bigint;
  v_user_id bigint;
begin
  insert into rubis.organization as o (name, locale)
  values (p_organization_name, coalesce(p_locale, 'fr'))
  returning o.organization_id into v_organization_id;
  insert into rubis.app_user as u (organization_id, email, full_name, password_hash)
  values (v_organization_id, p_email, p_full_name, p_password_hash)
  on conflict (rubis.key(email)) do nothing
  returning u.user_id into v_user_id;
  if not found then
    raise exception using errcode = 'RB409', constraint = 'app_user__email', column = 'email',
      message = 'this e-mail has an account already',
      hint = 'sign in instead';
  end if;
  return rubis.open_tokens(
    row(v_organization_id, v_user_id)::rubis.actor, gen_random_uuid(),
    p_access_token_hash, p_access_expires_in, p_refresh_token_hash, p_refresh_expires_in,
    p_device, p_address);
end;
$$;
comment on function api.register(
  text, text, text, text, text, bytea, interval, bytea, interval, text, text
) is
  'Create an organization and its first user, and sign in: {user, organization}. Public. RB409.';
