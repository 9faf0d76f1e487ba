create or replace function rubis.lock_verified(p_actor rubis.actor, p_password_hash text)
returns rubis.app_user
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Lock a user whose password the API has verified against p_password_hash. That hash must still be
-- the stored one: the password may have been changed meanwhile.
--   Called by  api.change_password, api.request_email_change
--   Raises     RB422 app_user__password
declare
  v_user rubis.app_user;
begin
  select u.* into v_user from rubis.app_user as u
   where u.organization_id = p_actor.organization_id and u.user_id = p_actor.user_id
     and u.password_hash = p_password_hash
     for no key update;
  if not found then
    raise exception using errcode = 'RB422', constraint = 'app_user__password',
      column = 'password', message = 'password is wrong';
  end if;
  return v_user;
end;
$$;
comment on function rubis.lock_verified(rubis.actor, text) is
  'Lock a user whose verified password is still the stored one. RB422.';
