create or replace function api.list_clients(
  p_access_token_hash bytea, p_q text default null, p_sort text default null,
  p_limit int default 50, p_cursor text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
-- List the organization's clients, but those merged into another and that of a sample, with what
-- they owe, a page per call: those whose name or address has a text in it; newest first, or in
-- another order. -owed goes by the largest sum of a currency.
--   Called by  app/api/routes/clients.py, app/web/pages/clients.py
--   Raises     RB401, RB422
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_limit int := rubis.check_limit(p_limit);
  v_today date := rubis.today(v_actor.organization_id);
  v_sort text := coalesce(p_sort, '-created_at');
  v_key text := nullif(rubis.search_key(left(p_q, 200)), '');
  v_after record := rubis.decode_place(p_cursor, v_sort);
  v_value bigint := v_after.after_value;
  v_id bigint := v_after.after_id;
  v_name text := (
    select c.search_key from rubis.client as c
     where c.organization_id = v_actor.organization_id and c.client_id = v_id);
  v_at timestamptz := case when v_sort = '-created_at' then
    'epoch'::timestamptz + v_value * interval '1 microsecond' end;
  v_items jsonb[];
  v_values bigint[];
  v_ids bigint[];
begin
  if v_sort not in ('name', '-owed', '-days_late', '-created_at') then
    raise exception using errcode = 'RB422', constraint = 'client__sort', column = 'sort',
      message = 'sort must be name, -owed, -days_late or -created_at';
  end if;
  select array_agg(p.item), array_agg(p.place), array_agg(p.client_id)
    into v_items, v_values, v_ids
    from (
      select rubis.client_document(c) || jsonb_build_object(
               'owed', coalesce(d.owed, '[]'), 'open_invoices', coalesce(d.open_invoices, 0),
               'days_late', coalesce(d.days_late, 0)) as item,
             case when v_sort = '-owed' then coalesce(d.most_cents, 0)
                  when v_sort = '-days_late' then coalesce(d.days_late, 0)
                  when v_sort = '-created_at' then
                    (extract(epoch from c.created_at) * 1000000)::bigint
                  else 0 end as place,
             c.client_id
        from rubis.client as c
        left join rubis.client_debts(v_actor.organization_id, v_today) as d
          on d.client_id = c.client_id
       where c.organization_id = v_actor.organization_id and c.merged_into_client_id is null
         and not c.is_sample
         and (v_key is null or strpos(c.search_key, v_key) > 0
           or strpos(rubis.key(c.email), v_key) > 0)
         and (v_id is null or case
           when v_sort = 'name' then (c.search_key, c.client_id) > (v_name, v_id)
           when v_sort = '-owed' then (coalesce(d.most_cents, 0), c.client_id) < (v_value, v_id)
           when v_sort = '-days_late' then (coalesce(d.days_late, 0), c.client_id) < (v_value, v_id)
           else (c.created_at, c.client_id) < (v_at, v_id) end)
       order by case when v_sort = 'name' then c.search_key end,
                case when v_sort = '-owed' then coalesce(d.most_cents, 0) end desc,
                case when v_sort = '-days_late' then coalesce(d.days_late, 0) end desc,
                case when v_sort = '-created_at' then c.created_at end desc,
                case when v_sort = 'name' then c.client_id end,
                case when v_sort <> 'name' then c.client_id end desc
       limit v_limit + 1) as p;
  return jsonb_build_object(
    'items', to_jsonb(coalesce(v_items[:v_limit], '{}')),
    'next_cursor', case when cardinality(v_ids) > v_limit then
      rubis.encode_place(v_sort, v_values[v_limit], v_ids[v_limit]) end);
end;
$$;
comment on function api.list_clients(bytea, text, text, int, text) is
  'Clients with what they owe, found and sorted: {items, next_cursor}. RB401, RB422.';
