create or replace function rubis.lock_invoice(p_organization_id bigint, p_invoice_id bigint)
returns rubis.invoice
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- An invoice of this organization, locked until the transaction ends: first in the lock order of all that concerns it.
--   Called by  every function that decides something about an invoice, its check-in or its relance
--   Raises     RB404
declare
  v_locked record;
begin
  -- The row as one value: each column of a list is made ready anew at every call.
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
comment on function rubis.lock_invoice(bigint, bigint) is 'Lock and return an invoice of the organization. RB404.';
