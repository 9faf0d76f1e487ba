create or replace function rubis.find_mailed_token(p_token_hash bytea, p_kinds text[])
returns table (
  organization_id bigint, user_id bigint, kind text, data jsonb, to_address text,
  attempted_at timestamptz, mailed_at timestamptz
)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Find the try of a mail to a user that put this token into somebody's hands, if the mail is of one
-- of these kinds: when it was tried, and when it was accepted, or else tried.
--   Called by  rubis.find_email_proof, rubis.find_password_reset, rubis.find_address_change
  select m.organization_id, m.user_id, m.kind, m.data, a.to_address, a.attempted_at,
         coalesce(a.accepted_at, a.attempted_at)
    from rubis.mail_item as x
    join rubis.mail as m on m.organization_id = x.organization_id and m.mail_id = x.mail_id
    join rubis.mail_attempt as a
      on a.organization_id = x.organization_id and a.mail_id = x.mail_id and a.attempt = x.attempt
   where x.token_hash = p_token_hash and m.kind = any (p_kinds);
$$;
comment on function rubis.find_mailed_token(bytea, text[]) is
  'The try of a mail of one of these kinds behind the SHA-256 of a token; no row without one.';
