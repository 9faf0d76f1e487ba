create or replace function api.request_email_proof(p_access_token_hash bytea)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Mail the user a link to the page that proves the address, unless the address is proven, or such a
-- mail is on its way to it or was sent to it within ten minutes.
--   Called by  app/api/routes/me.py
--   Writes     user_mail
--   Raises     RB401
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_user record;
begin
  select u.email, u.email_proven_at into strict v_user from rubis.app_user as u
    where u.organization_id = v_actor.organization_id and u.user_id = v_actor.user_id
      for no key update;
  if v_user.email_proven_at is null and not exists (
    select from rubis.user_mail as m
     where m.organization_id = v_actor.organization_id and m.user_id = v_actor.user_id
       and m.kind = 'verify_email'
       and (
         -- It goes to the address that the user has when it is begun.
         m.status in ('scheduled', 'queued')
         or (m.status = 'sending' or m.sent_at > rubis.clock() - interval '10 minutes')
         and rubis.key((
           select a.to_address from rubis.user_mail_attempt as a
            where a.organization_id = m.organization_id and a.user_mail_id = m.user_mail_id
            order by a.user_mail_attempt_id desc limit 1)) = rubis.key(v_user.email))
  ) then
    perform rubis.add_user_mail(v_actor.organization_id, v_actor.user_id, 'verify_email');
  end if;
  return rubis.user_document(v_actor.organization_id, v_actor.user_id);
end;
$$;
comment on function api.request_email_proof(bytea) is
  'Mail the user a link to the page that proves the address, unless it is proven or one was sent '
  'to it just now. RB401.';
