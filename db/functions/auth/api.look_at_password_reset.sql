create or replace function api.look_at_password_reset(p_token_hash bytea)
returns jsonb
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Show the page of a forgotten password to the holder of its token. It writes nothing.
--   Called by  app/web/pages/links.py
  select jsonb_build_object('outcome', r.outcome)
      || case when r.outcome = 'open' then jsonb_build_object('email', r.to_address) else '{}' end
    from rubis.find_password_reset(p_token_hash) as r;
$$;
comment on function api.look_at_password_reset(bytea) is
  'How a mail for a forgotten password stands, by the SHA-256 of its token: {outcome: open, used, '
  'expired or invalid}; if open, with email. Public.';
