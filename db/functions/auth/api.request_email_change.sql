create or replace function api.request_email_change(
  p_access_token_hash bytea, p_email text, p_password_hash text
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Mail a link to a new address, whose button makes it the user's, and tell the old one, whose
-- button stops it; one that nobody has proven may be a stranger's, and is not told. The API has
-- verified the password against p_password_hash. Whether the new address has an account already is
-- told to who reads its mailbox, and to nobody else. At most five are asked for in 24 h.
--   Called by  app/core/accounts.py
--   Writes     address_change, mail
--   Raises     RB401, RB422 app_user__password, app_user__same_email, RB429
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_user rubis.app_user := rubis.lock_verified(v_actor, p_password_hash);
  v_change_id bigint;
begin
  if p_email is null or rubis.key(p_email) = rubis.key(v_user.email) then
    raise exception using errcode = 'RB422', constraint = 'app_user__same_email',
      column = 'email', message = 'email must be another than the present one';
  end if;
  if 5 <= (
    select count(*) from rubis.address_change as c
     where c.organization_id = v_actor.organization_id and c.user_id = v_actor.user_id
       and c.requested_at > rubis.clock() - interval '24 hours'
  ) then
    raise exception using errcode = 'RB429', constraint = 'rate_limit__email_change',
      column = 'email', message = 'five changes of the address were asked for within 24 h',
      hint = 'use the link of the last mail, or ask again tomorrow';
  end if;
  update rubis.address_change as c
     set stopped_at = rubis.clock()
   where c.organization_id = v_actor.organization_id and c.user_id = v_actor.user_id
     and c.changed_at is null and c.stopped_at is null;
  insert into rubis.address_change as c (organization_id, user_id, old_email, new_email)
  values (v_actor.organization_id, v_actor.user_id, v_user.email, p_email)
  returning c.address_change_id into v_change_id;
  perform rubis.add_notice(
    v_actor.organization_id, v_actor.user_id, 'change_email', jsonb_build_object(
      'address_change_id', v_change_id, 'to_address', p_email, 'new_email', p_email));
  if v_user.email_proven_at is not null then
    perform rubis.add_notice(
      v_actor.organization_id, v_actor.user_id, 'email_changing', jsonb_build_object(
        'address_change_id', v_change_id, 'to_address', v_user.email, 'new_email', p_email));
  end if;
  return rubis.user_document(v_actor.organization_id, v_actor.user_id);
end;
$$;
comment on function api.request_email_change(bytea, text, text) is
  'Mail a link to a new address and tell the old one, after the password was verified. RB401, '
  'RB422, RB429.';
