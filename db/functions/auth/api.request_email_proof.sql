create or replace function api.request_email_proof(p_access_token_hash bytea)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Mail the user a link to the page that proves the address, unless the address is proven, or such a
-- mail is on its way to it or was sent to it within ten minutes. At most five are made in 24 h, for
-- the address may be a stranger's.
--   Called by  app/api/routes/me.py
--   Writes     mail
--   Raises     RB401, RB429 rate_limit__email_proof
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_user record;
begin
  select u.email, u.email_proven_at into strict v_user from rubis.app_user as u
    where u.organization_id = v_actor.organization_id and u.user_id = v_actor.user_id
      for no key update;
  if v_user.email_proven_at is null and not exists (
    select from rubis.mail as m
     where m.organization_id = v_actor.organization_id and m.user_id = v_actor.user_id
       and m.kind = 'verify_email'
       and (
         -- It goes to the address that the user has when it is begun.
         m.status in ('scheduled', 'queued')
         or (
           m.status = 'sending'
           or m.status = 'sent' and m.ended_at > rubis.clock() - interval '10 minutes')
         and rubis.key((
           select a.to_address from rubis.mail_attempt as a
            where a.organization_id = m.organization_id and a.mail_id = m.mail_id
            order by a.attempt desc limit 1)) = rubis.key(v_user.email))
  ) then
    if 5 <= (
      select count(*) from rubis.mail as m
       where m.organization_id = v_actor.organization_id and m.user_id = v_actor.user_id
         and m.kind = 'verify_email' and m.created_at > rubis.clock() - interval '24 hours'
    ) then
      raise exception using errcode = 'RB429', constraint = 'rate_limit__email_proof',
        column = 'email',
        message = 'five verification mails were asked for within 24 h',
        hint = 'use the link of the last one, or ask again tomorrow';
    end if;
    perform rubis.add_notice(v_actor.organization_id, v_actor.user_id, 'verify_email');
  end if;
  return rubis.user_document(v_actor.organization_id, v_actor.user_id);
end;
$$;
comment on function api.request_email_proof(bytea) is
  'Mail the user a link to the page that proves the address, unless it is proven or one was sent '
  'to it just now. At most five in 24 h. RB401, RB429.';
