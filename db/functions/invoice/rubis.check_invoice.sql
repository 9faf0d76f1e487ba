create or replace function rubis.check_invoice(p_organization_id bigint, p_invoice_id bigint)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Refuse an invoice that is not this organization's.
--   Called by  api.get_invoice, api.list_activity, api.list_invoice_relances, api.preview_relance
--   Raises     RB404
begin
  if not exists (
    select from rubis.invoice as i
     where i.organization_id = p_organization_id and i.invoice_id = p_invoice_id
  ) then
    raise exception using errcode = 'RB404', constraint = 'invoice__missing', column = 'invoice_id',
      message = format('invoice %s does not exist', p_invoice_id);
  end if;
end;
$$;
comment on function rubis.check_invoice(bigint, bigint) is
  'Refuse an invoice that is not the organization''s. RB404.';
