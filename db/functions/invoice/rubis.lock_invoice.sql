create or replace function rubis.lock_invoice(p_organization_id bigint, p_invoice_id bigint)
returns rubis.invoice
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Lock an invoice of this organization until the transaction ends. In the lock order it comes
-- before its check-in and its relance.
--   Called by  every function that decides something about an invoice, its check-in or its relance
--   Raises     RB404
declare
  v_locked record;
begin
  -- Read the row as one value: PostgreSQL prepares each column of a list at every call.
  select i as invoice into v_locked from rubis.invoice as i
   where i.organization_id = p_organization_id and i.invoice_id = p_invoice_id
     for no key update;
  if not found then
    raise exception using errcode = 'RB404', constraint = 'invoice__missing', column = 'invoice_id',
      message = format('invoice %s does not exist', p_invoice_id);
  end if;
  return v_locked.invoice;
end;
$$;
comment on function rubis.lock_invoice(bigint, bigint) is
  'Lock and return an invoice of the organization. RB404.';
