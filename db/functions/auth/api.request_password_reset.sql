create or replace function api.request_password_reset(p_email text)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Mail a link to the page that gives a new password, if there is such a user; the answer never
-- tells. Three mails are made in an hour, as long as a link works: who owns the mailbox always has
-- a live link there, however often others ask. To an address that is not proven, and may be a
-- stranger's, five in 24 h.
--   Called by  app/core/accounts.py
--   Writes     mail
declare
  v_user rubis.app_user;
  v_hour int;
  v_day int;
begin
  select u.* into v_user from rubis.app_user as u
   where rubis.key(u.email) = rubis.key(p_email)
     for no key update;
  if not found then
    return;
  end if;
  select count(*) filter (where m.created_at > rubis.clock() - interval '1 hour')::int,
         count(*)::int
    into v_hour, v_day
    from rubis.mail as m
   where m.organization_id = v_user.organization_id and m.user_id = v_user.user_id
     and m.kind = 'reset_password' and m.created_at > rubis.clock() - interval '24 hours';
  if v_hour < 3 and (v_user.email_proven_at is not null or v_day < 5) then
    perform rubis.add_notice(v_user.organization_id, v_user.user_id, 'reset_password');
  end if;
end;
$$;
comment on function api.request_password_reset(text) is
  'Mail a link to give a new password, if the e-mail has an account; tells nothing. Public.';
