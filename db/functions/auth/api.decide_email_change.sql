create or replace function api.decide_email_change(p_token_hash bytea)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Do what the button of a mailed page is for: make a change of an address, or stop it. Public: the
-- token is the right.
--   Called by  app/web/pages/links.py
--   Writes     app_user, access_token, refresh_token, address_change, mail
declare
  v_found record;
begin
  select f.* into v_found from rubis.find_address_change(p_token_hash) as f;
  if v_found.outcome = 'open' then
    perform from rubis.app_user as u
      where u.organization_id = (v_found.change).organization_id
        and u.user_id = (v_found.change).user_id
        for no key update;
    -- Of two buttons pressed at once, the second finds what the first has done.
    select f.* into v_found from rubis.find_address_change(p_token_hash) as f;
  end if;
  return jsonb_build_object('act', v_found.act, 'outcome', case
    when v_found.outcome <> 'open' then v_found.outcome
    when v_found.act = 'change' then rubis.make_address_change(v_found.change)
    else rubis.stop_address_change(v_found.change) end);
end;
$$;
comment on function api.decide_email_change(bytea) is
  'Make or stop a change of an address by the SHA-256 of a mailed token: {act, outcome: changed, '
  'stopped, taken, expired or invalid}. Public.';
