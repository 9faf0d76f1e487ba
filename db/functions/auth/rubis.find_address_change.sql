create or replace function rubis.find_address_change(
  p_token_hash bytea, out outcome text, out act text, out change rubis.address_change
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Find the change of an address that a mailed token is for, what its button does (change, from the
-- new address; stop, from the old one), and how it stands: open, changed, stopped, expired or
-- invalid. It may be stopped for seven days, after it was made too.
--   Called by  api.look_at_email_change, api.decide_email_change
declare
  v_organization_id bigint;
  v_change_id bigint;
  v_mailed_at timestamptz;
begin
  select case m.kind when 'change_email' then 'change' else 'stop' end, m.organization_id,
         (m.data ->> 'address_change_id')::bigint, coalesce(a.accepted_at, a.attempted_at)
    into act, v_organization_id, v_change_id, v_mailed_at
    from rubis.mail_item as x
    join rubis.mail as m on m.organization_id = x.organization_id and m.mail_id = x.mail_id
    join rubis.mail_attempt as a
      on a.organization_id = x.organization_id and a.mail_id = x.mail_id and a.attempt = x.attempt
   where x.token_hash = p_token_hash and m.kind in ('change_email', 'email_changing');
  select c.* into change from rubis.address_change as c
   where c.organization_id = v_organization_id and c.address_change_id = v_change_id;
  outcome := case
    when act is null then 'invalid'
    when change.stopped_at is not null then 'stopped'
    when act = 'change' and change.changed_at is not null then 'changed'
    when rubis.clock() >= case act
      when 'change' then v_mailed_at + interval '24 hours'
      else greatest(v_mailed_at, change.changed_at) + interval '7 days' end then 'expired'
    else 'open' end;
end;
$$;
comment on function rubis.find_address_change(bytea) is
  'The change of an address behind the SHA-256 of a mailed token: what its button does, and how it '
  'stands.';
