create or replace function rubis.find_address_change(p_token_hash bytea)
returns table (outcome text, act text, change rubis.address_change)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Find the change of an address that a mailed token is for, what its button does (change, from the
-- new address; stop, from the old one), and how it stands: open, changed, stopped, expired or
-- invalid. It may be stopped for seven days, after it was made too.
--   Called by  api.look_at_email_change, api.decide_email_change
  with found as materialized (
    select case when t.kind = 'change_email' then 'change' else 'stop' end as act,
           t.organization_id, (t.data ->> 'address_change_id')::bigint as address_change_id,
           t.mailed_at
      from rubis.find_mailed_token(p_token_hash, array['change_email', 'email_changing']) as t
  )
  select case
           when f.act is null then 'invalid'
           when c.stopped_at is not null then 'stopped'
           when f.act = 'change' and c.changed_at is not null then 'changed'
           when rubis.clock() >= case
               when f.act = 'change' then f.mailed_at + interval '24 hours'
               else greatest(f.mailed_at, c.changed_at) + interval '7 days' end then 'expired'
           else 'open' end,
         f.act, c
    from (values (true)) as always (is_true)
    left join found as f on always.is_true
    left join rubis.address_change as c
      on c.organization_id = f.organization_id and c.address_change_id = f.address_change_id;
$$;
comment on function rubis.find_address_change(bytea) is
  'The change of an address behind the SHA-256 of a mailed token: what its button does, and how it '
  'stands.';
