create or replace function api.request_email_proof(p_access_token_hash bytea)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Mail the user a link that proves the address, unless the address is proven, or such a mail is on
-- its way or was sent within ten minutes.
--   Called by  app/api/routes/me.py
--   Writes     user_mail
--   Raises     RB401
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
begin
  perform from rubis.app_user as u
    where u.organization_id = v_actor.organization_id and u.user_id = v_actor.user_id
      for no key update;
  if not exists (
    select from rubis.app_user as u
     where u.organization_id = v_actor.organization_id and u.user_id = v_actor.user_id
       and u.email_proven_at is not null
  ) and not exists (
    select from rubis.user_mail as m
     where m.organization_id = v_actor.organization_id and m.user_id = v_actor.user_id
       and m.kind = 'verify_email'
       and (
         m.status in ('scheduled', 'queued', 'sending')
         or m.sent_at > rubis.clock() - interval '10 minutes')
  ) then
    perform rubis.add_user_mail(v_actor.organization_id, v_actor.user_id, 'verify_email');
  end if;
  return rubis.user_document(v_actor.organization_id, v_actor.user_id);
end;
$$;
comment on function api.request_email_proof(bytea) is
  'Mail the user a link that proves the address, unless it is proven or one was sent just now. '
  'RB401.';
