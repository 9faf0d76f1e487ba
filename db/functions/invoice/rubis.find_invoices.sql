create or replace function rubis.find_invoices(
  p_organization_id bigint, p_status text, p_due_from date, p_due_until date,
  p_client_ids bigint[], p_found bigint[], p_sort text, p_limit int, p_cursor text,
  out invoice_ids bigint[], out next_cursor text
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
-- Find a page of invoices in one of seven orders. Each call is planned for its own values: what
-- they make constant falls away, and the order that is left can be read from an index. "+ 0": of
-- much that was found each is looked up in a hash, not one by one in an index.
--   Called by  api.list_invoices
--   Raises     RB422
declare
  v_after record := rubis.decode_place(p_cursor, p_sort);
  v_value bigint := v_after.after_value;
  v_id bigint := v_after.after_id;
  v_day date := case when p_sort in ('due_on', '-due_on') then date '1970-01-01' + v_value::int end;
  v_at timestamptz := case when p_sort in ('created_at', '-created_at') then
    'epoch'::timestamptz + v_value * interval '1 microsecond' end;
  v_client text := (
    select c.search_key from rubis.client as c
     where c.organization_id = p_organization_id and c.client_id = v_value and p_sort = 'client');
  v_values bigint[];
begin
  select array_agg(p.invoice_id), array_agg(p.place) into invoice_ids, v_values
    from (
      select i.invoice_id, case
               when p_sort in ('due_on', '-due_on') then i.due_on - date '1970-01-01'
               when p_sort in ('amount', '-amount') then i.amount_cents
               when p_sort = 'client' then l.client_id
               else (extract(epoch from i.created_at) * 1000000)::bigint end as place
        from rubis.invoice as i
        left join rubis.client as c
          on c.organization_id = i.organization_id and c.client_id = i.client_id
        left join rubis.client as l
          on l.organization_id = c.organization_id
         and l.client_id = coalesce(c.merged_into_client_id, c.client_id)
       where i.organization_id = p_organization_id and i.removed_at is null
         and (p_status is null or i.status = p_status)
         and (p_due_from = '-infinity' or i.due_on >= p_due_from)
         and (p_due_until = 'infinity' or i.due_on <= p_due_until)
         and (p_client_ids is null or i.client_id = any (p_client_ids))
         and (p_found is null or case
           when cardinality(p_found) <= 200 then i.invoice_id = any (p_found)
           else (i.invoice_id + 0) = any (p_found) end)
         and (v_id is null or case
           when p_sort = 'due_on' then (i.due_on, i.invoice_id) > (v_day, v_id)
           when p_sort = '-due_on' then (i.due_on, i.invoice_id) < (v_day, v_id)
           when p_sort = 'created_at' then (i.created_at, i.invoice_id) > (v_at, v_id)
           when p_sort = '-created_at' then (i.created_at, i.invoice_id) < (v_at, v_id)
           when p_sort = 'amount' then (i.amount_cents, i.invoice_id) > (v_value, v_id)
           when p_sort = '-amount' then (i.amount_cents, i.invoice_id) < (v_value, v_id)
           else (l.search_key, i.invoice_id) > (v_client, v_id) end)
       order by case when p_sort = 'due_on' then i.due_on end,
                case when p_sort = '-due_on' then i.due_on end desc,
                case when p_sort = 'created_at' then i.created_at end,
                case when p_sort = '-created_at' then i.created_at end desc,
                case when p_sort = 'amount' then i.amount_cents end,
                case when p_sort = '-amount' then i.amount_cents end desc,
                case when p_sort = 'client' then l.search_key end,
                case when p_sort like '-%' then null else i.invoice_id end,
                case when p_sort like '-%' then i.invoice_id end desc
       limit p_limit + 1) as p;
  invoice_ids := coalesce(invoice_ids, '{}');
  if cardinality(invoice_ids) > p_limit then
    invoice_ids := invoice_ids[:p_limit];
    next_cursor := rubis.encode_place(p_sort, v_values[p_limit], invoice_ids[p_limit]);
  end if;
end;
$$;
comment on function rubis.find_invoices(
  bigint, text, date, date, bigint[], bigint[], text, int, text
) is
  'invoice_id of a page of invoices, in their order, and the cursor of the next page. RB422.';
