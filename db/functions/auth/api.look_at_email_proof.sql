create or replace function api.look_at_email_proof(p_token_hash bytea)
returns jsonb
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Show the page of a verification mail to the holder of its token. It writes nothing: a program
-- that follows the link proves nothing.
--   Called by  app/api/routes/verify_email.py
  select case when p.outcome = 'open' then
           jsonb_build_object(
             'outcome', p.outcome, 'to_address', p.to_address, 'organization_name', o.name,
             'locale', o.locale)
         else jsonb_build_object('outcome', p.outcome) end
    from rubis.find_email_proof(p_token_hash) as p
    left join rubis.organization as o on o.organization_id = p.organization_id;
$$;
comment on function api.look_at_email_proof(bytea) is
  'How a verification mail stands, by the SHA-256 of its token: {outcome: open, proven, expired or '
  'invalid}; if open, with to_address, organization_name and locale.';
