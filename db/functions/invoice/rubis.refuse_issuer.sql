create or replace function rubis.refuse_issuer(p_organization_id bigint)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Say why an invoice has no issuer: its organization does not exist, or has no user.
--   Called by  rubis.fill_invoice
--   Raises     RB404, RB422
begin
  if not exists (
    select from rubis.organization as o where o.organization_id = p_organization_id
  ) then
    raise exception using errcode = 'RB404', constraint = 'organization__missing',
      column = 'organization_id',
      message = format('organization %s does not exist', coalesce(p_organization_id::text, 'null')),
      hint = 'select organization_id, name from audit.organization_overview';
  end if;
  raise exception using errcode = 'RB422', constraint = 'invoice__user_id', column = 'user_id',
    message = format('organization %s has no user who could issue an invoice', p_organization_id);
end;
$$;
comment on function rubis.refuse_issuer(bigint) is
  'Refuse an invoice without an issuer: its organization is unknown, or has no user. RB404, RB422.';
