create or replace function rubis.find_email_proof(
  p_token_hash bytea, out outcome text, out organization_id bigint, out user_id bigint,
  out to_address text
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Find the verification mail of a token, and tell how it stands: open, proven, expired or invalid.
-- A mail to an address that is not the user's any more has expired.
--   Called by  api.look_at_email_proof, api.prove_email
begin
  select case
           when rubis.key(a.to_address) <> rubis.key(u.email) then 'expired'
           when u.email_proven_at is not null then 'proven'
           when rubis.clock() >= coalesce(a.accepted_at, a.attempted_at) + interval '24 hours'
             then 'expired'
           else 'open' end,
         m.organization_id, m.user_id, a.to_address
    into outcome, organization_id, user_id, to_address
    from rubis.mail_item as x
    join rubis.mail as m on m.organization_id = x.organization_id and m.mail_id = x.mail_id
    join rubis.mail_attempt as a
      on a.organization_id = x.organization_id and a.mail_id = x.mail_id and a.attempt = x.attempt
    join rubis.app_user as u on u.organization_id = m.organization_id and u.user_id = m.user_id
   where x.token_hash = p_token_hash and m.kind = 'verify_email';
  outcome := coalesce(outcome, 'invalid');
end;
$$;
comment on function rubis.find_email_proof(bytea) is
  'The verification mail behind the SHA-256 of a token, and whether it can prove its address.';
