create or replace function api.list_invoices(
  p_access_token_hash bytea, p_status text default null, p_limit int default 50,
  p_cursor text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- List the organization's invoices, of one status or of all, newest first, one page per call;
-- without removed samples.
--   Called by  app/api/routes/invoices.py
--   Writes     by rubis.plan_up_to_date what is outdated
--   Raises     RB401, RB422
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_limit int := rubis.check_limit(p_limit);
  v_before record := rubis.decode_cursor(p_cursor);
  v_page rubis.invoice[];
begin
  if p_status is null then
    v_page := array(
      select i from rubis.invoice as i
       where i.organization_id = v_actor.organization_id and i.removed_at is null
         and (i.created_at, i.invoice_id) < (v_before.before_at, v_before.before_id)
       order by i.created_at desc, i.invoice_id desc
       limit v_limit + 1);
  elsif p_status in ('open', 'paid', 'cancelled') then
    v_page := array(
      select i from rubis.invoice as i
       where i.organization_id = v_actor.organization_id and i.status = p_status
         and i.removed_at is null
         and (i.created_at, i.invoice_id) < (v_before.before_at, v_before.before_id)
       order by i.created_at desc, i.invoice_id desc
       limit v_limit + 1);
  else
    raise exception using errcode = 'RB422', constraint = 'invoice__status', column = 'status',
      message = 'status must be open, paid or cancelled';
  end if;
  perform rubis.plan_up_to_date(v_actor.organization_id, array(
    select i.invoice_id from unnest(v_page[:v_limit]) as i));
  return jsonb_build_object(
    'items', (
      select coalesce(jsonb_agg(
          rubis.invoice_document(i.organization_id, i.invoice_id)
          order by i.created_at desc, i.invoice_id desc), '[]')
        from unnest(v_page[:v_limit]) as i),
    'next_cursor', case when cardinality(v_page) > v_limit then
      rubis.encode_cursor(v_page[v_limit].created_at, v_page[v_limit].invoice_id) end);
end;
$$;
comment on function api.list_invoices(bytea, text, int, text) is
  'Invoices, newest first: {items, next_cursor}. RB401, RB422.';
