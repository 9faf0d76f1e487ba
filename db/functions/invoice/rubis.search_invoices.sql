create or replace function rubis.search_invoices(p_organization_id bigint, p_q text)
returns bigint[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
-- Find the invoices whose number or client's name has a text in it, or whose amount it is. A client
-- is found by the names of those merged into it too.
--   Called by  api.list_invoices
declare
  v_key text := rubis.search_key(left(p_q, 200));
  v_amounts int8range := rubis.typed_amount(left(p_q, 200));
  v_client_ids bigint[];
begin
  if v_key = '' or v_key is null then
    return null;
  end if;
  v_client_ids := array(
    select c.client_id from rubis.client as c
     where c.organization_id = p_organization_id
       and coalesce(c.merged_into_client_id, c.client_id) in (
         select coalesce(f.merged_into_client_id, f.client_id) from rubis.client as f
          where f.organization_id = p_organization_id and strpos(f.search_key, v_key) > 0));
  return array(
    select i.invoice_id from rubis.invoice as i
     where i.organization_id = p_organization_id and i.removed_at is null
       and (strpos(i.search_key, v_key) > 0 or i.client_id = any (v_client_ids)
         or i.amount_cents::bigint <@ v_amounts));
end;
$$;
comment on function rubis.search_invoices(bigint, text) is
  'invoice_id of what is found by number, client or amount; null for a text of nothing.';
