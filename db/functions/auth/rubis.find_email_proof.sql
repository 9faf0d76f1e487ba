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
           when rubis.key(t.to_address) <> rubis.key(u.email) then 'expired'
           when u.email_proven_at is not null then 'proven'
           when rubis.clock() >= t.mailed_at + interval '24 hours'
             then 'expired'
           else 'open' end,
         t.organization_id, t.user_id, t.to_address
    into outcome, organization_id, user_id, to_address
    from rubis.find_mailed_token(p_token_hash, array['verify_email']) as t
    join rubis.app_user as u on u.organization_id = t.organization_id and u.user_id = t.user_id;
  outcome := coalesce(outcome, 'invalid');
end;
$$;
comment on function rubis.find_email_proof(bytea) is
  'The verification mail behind the SHA-256 of a token, and whether it can prove its address.';
