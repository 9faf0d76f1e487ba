create or replace function rubis.make_address_change(p_change rubis.address_change)
returns text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Make the new address the user's. A person pressed the button of a mail to it, so it is proven;
-- what was asked at the old one counts no longer as asked. The caller holds the lock on the user.
--   Called by  api.decide_email_change
--   Writes     app_user, address_change
begin
  update rubis.app_user as u
     set email = p_change.new_email, email_proven_at = rubis.clock()
   where u.organization_id = p_change.organization_id and u.user_id = p_change.user_id;
  update rubis.address_change as c
     set changed_at = rubis.clock()
   where c.organization_id = p_change.organization_id
     and c.address_change_id = p_change.address_change_id;
  return 'changed';
exception
  when unique_violation then
    return 'taken';
end;
$$;
comment on function rubis.make_address_change(rubis.address_change) is
  'Make the new address the user''s: changed, or taken by another account.';
