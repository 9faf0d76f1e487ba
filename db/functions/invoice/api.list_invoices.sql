create or replace function api.list_invoices(
  p_access_token_hash bytea, p_view text default null, p_client_id bigint default null,
  p_q text default null, p_sort text default null, p_limit int default 50,
  p_cursor text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- List the organization's invoices, a page per call: of one view or all, of a client (and those
-- merged into it), of what a text finds; without removed samples. Views of open invoices begin with
-- the first due, others with the newest.
--   Called by  app/api/routes/invoices.py, app/web/pages/invoices.py
--   Writes     by rubis.plan_up_to_date what is outdated
--   Raises     RB401, RB404, RB422
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_limit int := rubis.check_limit(p_limit);
  v_today date := rubis.today(v_actor.organization_id);
  v_view record;
  v_sort text;
  v_client_ids bigint[];
  v_found bigint[] := rubis.search_invoices(v_actor.organization_id, p_q);
  v_page record;
begin
  select v.* into v_view from rubis.invoice_views(v_today) as v
   where v.view_name = coalesce(p_view, 'all');
  if not found then
    raise exception using errcode = 'RB422', constraint = 'invoice__view', column = 'view',
      message = 'view must be all, open, overdue, due_soon, paid or cancelled';
  end if;
  v_sort := coalesce(
    p_sort, case when v_view.of_status = 'open' then 'due_on' else '-created_at' end);
  if v_sort not in (
    'due_on', '-due_on', 'created_at', '-created_at', 'amount', '-amount', 'client'
  ) then
    raise exception using errcode = 'RB422', constraint = 'invoice__sort', column = 'sort',
      message = 'sort must be due_on, created_at or amount, with - in front if descending, '
        'or client';
  end if;
  if p_client_id is not null then
    v_client_ids := rubis.client_names(v_actor.organization_id, p_client_id);
  end if;
  v_page := rubis.find_invoices(
    v_actor.organization_id, v_view.of_status, v_view.due_from, v_view.due_until, v_client_ids,
    v_found, v_sort, v_limit, p_cursor);
  perform rubis.plan_up_to_date(v_actor.organization_id, v_page.invoice_ids);
  return rubis.count_invoices(
      v_actor.organization_id, v_today, v_view.view_name, v_client_ids, v_found)
    || jsonb_build_object(
      'items', rubis.invoice_summaries(v_actor.organization_id, v_page.invoice_ids, v_today),
      'next_cursor', v_page.next_cursor);
end;
$$;
comment on function api.list_invoices(bytea, text, bigint, text, text, int, text) is
  'Invoices of a view, a client, a search: {items, next_cursor, sums, counts}. RB401, RB404, '
  'RB422.';
