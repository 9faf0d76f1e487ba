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
           when u.password_changed_at >= t.attempted_at then 'used'
           when rubis.key(t.to_address) <> rubis.key(u.email)
             or rubis.clock() >= t.mailed_at + interval '1 hour'
             then 'expired'
           else 'open' end,
         t.organization_id, t.user_id, t.to_address
    into outcome, organization_id, user_id, to_address
    from rubis.find_mailed_token(p_token_hash, array['reset_password']) as t
    join rubis.app_user as u on u.organization_id = t.organization_id and u.user_id = t.user_id;
  outcome := coalesce(outcome, 'invalid');
end;
$$;
comment on function rubis.find_password_reset(bytea) is
  'The mail behind the SHA-256 of a token for a forgotten password, and whether it still serves.';
