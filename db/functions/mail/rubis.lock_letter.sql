create or replace function rubis.lock_letter(
  p_organization_id bigint, p_client_ids bigint[], p_invoice_ids bigint[], p_waits boolean
)
returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Lock what a letter is about, in the order of audit.lock_order: the organization, so that one
-- transaction at a time counts its quota; the clients of the address; the invoices. Without p_waits
-- nothing is waited for: false if something is held by another.
--   Called by  rubis.begin_letter, worker.confirm_letter
declare
  v_locked int;
begin
  if p_waits then
    perform from rubis.organization as o
      where o.organization_id = p_organization_id for no key update;
    perform from rubis.client as c
      where c.organization_id = p_organization_id and c.client_id = any (p_client_ids)
      order by c.client_id for no key update;
    perform from rubis.invoice as i
      where i.organization_id = p_organization_id and i.invoice_id = any (p_invoice_ids)
      order by i.invoice_id for no key update;
    return true;
  end if;
  perform from rubis.organization as o
    where o.organization_id = p_organization_id for no key update skip locked;
  if not found then
    return false;
  end if;
  select count(*)::int into v_locked from (
    select from rubis.client as c
     where c.organization_id = p_organization_id and c.client_id = any (p_client_ids)
     order by c.client_id for no key update skip locked) as l;
  if v_locked < cardinality(p_client_ids) then
    return false;
  end if;
  select count(*)::int into v_locked from (
    select from rubis.invoice as i
     where i.organization_id = p_organization_id and i.invoice_id = any (p_invoice_ids)
     order by i.invoice_id for no key update skip locked) as l;
  return v_locked = cardinality(p_invoice_ids);
end;
$$;
comment on function rubis.lock_letter(bigint, bigint[], bigint[], boolean) is
  'Lock organization, clients and invoices of a letter; false if one is held and p_waits is false.';
