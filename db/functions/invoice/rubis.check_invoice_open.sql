create or replace function rubis.check_invoice_open(p_organization_id bigint, p_invoice_id bigint)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Refuse an invoice that is paid or cancelled.
--   Called by  api.resend_relance
--   Raises     RB409 invoice__settled
begin
  if exists (
    select from rubis.invoice as i
     where i.organization_id = p_organization_id and i.invoice_id = p_invoice_id
       and i.status <> 'open'
  ) then
    raise exception using errcode = 'RB409', constraint = 'invoice__settled', column = 'invoice_id',
      message = format('invoice %s is not open', p_invoice_id);
  end if;
end;
$$;
comment on function rubis.check_invoice_open(bigint, bigint) is
  'Refuse an invoice that is paid or cancelled. RB409.';
