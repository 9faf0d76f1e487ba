create or replace function rubis.example_invoice_id(
  p_organization_id bigint, p_invoice_id bigint
)
returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Choose the invoice on which a plan or a letter is shown: the one that is given as a field, or the
-- newest open one; null if there is none.
--   Called by  api.preview_letters, api.preview_plan
--   Raises     RB422
declare
  v_invoice_id bigint;
begin
  if p_invoice_id is null then
    select i.invoice_id into v_invoice_id from rubis.invoice as i
     where i.organization_id = p_organization_id and i.status = 'open'
     order by i.created_at desc, i.invoice_id desc limit 1;
  else
    select i.invoice_id into v_invoice_id from rubis.invoice as i
     where i.organization_id = p_organization_id and i.invoice_id = p_invoice_id;
    if not found then
      raise exception using errcode = 'RB422', constraint = 'preview__invoice',
        column = 'invoice_id', message = format('invoice %s does not exist', p_invoice_id);
    end if;
  end if;
  return v_invoice_id;
end;
$$;
comment on function rubis.example_invoice_id(bigint, bigint) is
  'The invoice that is named, or the newest open one, or null. RB422.';
