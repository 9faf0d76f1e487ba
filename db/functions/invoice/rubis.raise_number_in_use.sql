create or replace function rubis.raise_number_in_use(p_organization_id bigint, p_number text)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Raise the error that says which invoice has this number.
--   Called by  rubis.insert_invoice, api.update_invoice, api.reopen_invoice
--   Raises     RB409, always
begin
  raise exception using errcode = 'RB409', constraint = 'invoice__number', column = 'number',
    message = format('number %s is in use by invoice %s', p_number, (
      select i.invoice_id from rubis.invoice as i
       where i.organization_id = p_organization_id
         and rubis.key(i.number) = rubis.key(p_number) and i.status <> 'cancelled'));
end;
$$;
comment on function rubis.raise_number_in_use(bigint, text) is
  'Raise RB409, naming the invoice that has the number.';
