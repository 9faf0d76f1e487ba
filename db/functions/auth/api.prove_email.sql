create or replace function api.prove_email(p_token_hash bytea)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Prove an address by the button of the page that a verification mail leads to. Public: the token
-- is the right. The button may be pressed more than once.
--   Called by  app/api/routes/verify_email.py
--   Writes     app_user
declare
  v_proof record;
begin
  select p.* into v_proof from rubis.find_email_proof(p_token_hash) as p;
  if v_proof.outcome = 'open' then
    perform rubis.prove_address(v_proof.organization_id, v_proof.user_id, v_proof.to_address);
    -- Unless the address has just changed, it is proven.
    select p.* into v_proof from rubis.find_email_proof(p_token_hash) as p;
  end if;
  return jsonb_build_object('outcome', v_proof.outcome);
end;
$$;
comment on function api.prove_email(bytea) is
  'Prove an address by the SHA-256 of the token mailed to it: {outcome: proven, expired or '
  'invalid}.';
