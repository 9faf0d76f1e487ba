create or replace function api.look_at_email_change(p_token_hash bytea)
returns jsonb
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Show the page of a changed address to the holder of its token. It writes nothing.
--   Called by  app/web/pages/links.py
  select jsonb_build_object('outcome', f.outcome, 'act', f.act)
      || case when f.outcome <> 'open' then '{}' else jsonb_build_object(
           'old_email', (f.change).old_email, 'new_email', (f.change).new_email,
           'is_changed', (f.change).changed_at is not null) end
    from rubis.find_address_change(p_token_hash) as f;
$$;
comment on function api.look_at_email_change(bytea) is
  'How the change of an address stands, by the SHA-256 of a mailed token: {outcome: open, changed, '
  'stopped, expired or invalid, act: change or stop}; if open, with old_email, new_email and '
  'is_changed. Public.';
