create or replace function api.prove_email(p_token_hash bytea)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Prove an address by the link of a verification mail. Public: the token is the right. The link may
-- be followed more than once.
--   Called by  app/api/routes/verify_email.py
--   Writes     app_user
declare
  v_attempt rubis.user_mail_attempt;
  v_mail rubis.user_mail;
begin
  select a.* into v_attempt from rubis.user_mail_attempt as a where a.token_hash = p_token_hash;
  select m.* into v_mail from rubis.user_mail as m
   where m.organization_id = v_attempt.organization_id and m.user_mail_id = v_attempt.user_mail_id
     and m.kind = 'verify_email';
  if not found then
    return jsonb_build_object('outcome', 'invalid');
  elsif rubis.clock()
    >= coalesce(v_attempt.accepted_at, v_attempt.attempted_at) + interval '24 hours' then
    return jsonb_build_object('outcome', 'expired');
  end if;
  perform rubis.prove_address(v_mail.organization_id, v_mail.user_id, v_attempt.to_address);
  return jsonb_build_object('outcome', 'proven');
end;
$$;
comment on function api.prove_email(bytea) is
  'Prove an address by the SHA-256 of the token mailed to it: {outcome: proven, expired or '
  'invalid}.';
