create or replace function rubis.stop_address_change(p_change rubis.address_change)
returns text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Stop a change of an address, and what was changed after it. If it was made already, the old
-- address is put back, all sessions end, and the password, which somebody else knew, opens nothing
-- any more: a link for a new one leaves to the old address. The caller holds the lock on the user.
--   Called by  api.decide_email_change
--   Writes     app_user, access_token, refresh_token, address_change, mail
begin
  if p_change.changed_at is not null then
    update rubis.app_user as u
       set email = p_change.old_email, email_proven_at = rubis.clock(),
           -- A hash of the usual cost that no password fits.
           password_hash = '$argon2id$v=19$m=65536,t=3,p=4$AAAAAAAAAAAAAAAAAAAAAA$'
             || repeat('A', 43),
           password_changed_at = rubis.clock()
     where u.organization_id = p_change.organization_id and u.user_id = p_change.user_id;
    perform rubis.end_sessions(p_change.organization_id, p_change.user_id);
    perform rubis.add_notice(p_change.organization_id, p_change.user_id, 'reset_password');
  end if;
  update rubis.address_change as c
     set stopped_at = rubis.clock()
   where c.organization_id = p_change.organization_id and c.user_id = p_change.user_id
     and c.address_change_id >= p_change.address_change_id and c.stopped_at is null;
  return 'stopped';
exception
  when unique_violation then
    return 'taken';
end;
$$;
comment on function rubis.stop_address_change(rubis.address_change) is
  'Stop a change of an address, or take it back: stopped, or taken by another account.';
