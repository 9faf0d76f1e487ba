create or replace function api.reset_password(p_token_hash bytea, p_password_hash text)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Give a new password, on the page that a mail leads to. Public: the token is the right, for an
-- hour and once. A person sent the form, so the address is proven. All sessions end.
--   Called by  app/core/accounts.py
--   Writes     app_user, access_token, refresh_token, mail
declare
  v_reset record;
begin
  select r.* into v_reset from rubis.find_password_reset(p_token_hash) as r;
  if v_reset.outcome = 'open' then
    perform from rubis.app_user as u
      where u.organization_id = v_reset.organization_id and u.user_id = v_reset.user_id
        for no key update;
    -- Of two forms sent at once, the second finds the first one's password.
    select r.* into v_reset from rubis.find_password_reset(p_token_hash) as r;
  end if;
  if v_reset.outcome <> 'open' then
    return jsonb_build_object('outcome', v_reset.outcome);
  end if;
  perform rubis.prove_address(v_reset.organization_id, v_reset.user_id, v_reset.to_address);
  perform rubis.set_password(v_reset.organization_id, v_reset.user_id, p_password_hash);
  return jsonb_build_object('outcome', 'changed');
end;
$$;
comment on function api.reset_password(bytea, text) is
  'Give a new password by the SHA-256 of the token mailed for it: {outcome: changed, used, expired '
  'or invalid}. Public.';
