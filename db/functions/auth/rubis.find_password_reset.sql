create or replace function rubis.find_password_reset(
  p_token_hash bytea, out outcome text, out organization_id bigint, out user_id bigint,
  out to_address text
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Find the mail of a token for a forgotten password, and tell how it stands: open, used, expired or
-- invalid. A password changed since voids it, and so does another address.
--   Called by  api.look_at_password_reset, api.reset_password
begin
  select case
           when u.password_changed_at >= a.attempted_at then 'used'
           when rubis.key(a.to_address) <> rubis.key(u.email)
             or rubis.clock() >= coalesce(a.accepted_at, a.attempted_at) + interval '1 hour'
             then 'expired'
           else 'open' end,
         m.organization_id, m.user_id, a.to_address
    into outcome, organization_id, user_id, to_address
    from rubis.mail_item as x
    join rubis.mail as m on m.organization_id = x.organization_id and m.mail_id = x.mail_id
    join rubis.mail_attempt as a
      on a.organization_id = x.organization_id and a.mail_id = x.mail_id and a.attempt = x.attempt
    join rubis.app_user as u on u.organization_id = m.organization_id and u.user_id = m.user_id
   where x.token_hash = p_token_hash and m.kind = 'reset_password';
  outcome := coalesce(outcome, 'invalid');
end;
$$;
comment on function rubis.find_password_reset(bytea) is
  'The mail behind the SHA-256 of a token for a forgotten password, and whether it still serves.';
