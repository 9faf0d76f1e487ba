create or replace function rubis.number_in_use(p_organization_id bigint, p_number text)
returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Whether an invoice that is not cancelled has this number.
--   Called by  rubis.free_number
begin
  return exists (
    select from rubis.invoice as i
     where i.organization_id = p_organization_id and rubis.key(i.number) = rubis.key(p_number)
       and i.status <> 'cancelled');
end;
$$;
comment on function rubis.number_in_use(bigint, text) is
  'Whether an invoice that is not cancelled has this number, by rubis.key.';
