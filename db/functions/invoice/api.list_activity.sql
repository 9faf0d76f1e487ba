create or replace function api.list_activity(
  p_access_token_hash bytea, p_invoice_id bigint default null, p_limit int default 50,
  p_cursor text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- List the activity events of one invoice or of all, newest first, one page per call.
--   Called by  app/api/routes/activity.py, app/api/routes/invoices.py
--   Raises     RB401, RB404, RB422
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_limit int := rubis.check_limit(p_limit);
  v_before record := rubis.decode_cursor(p_cursor);
  v_page rubis.activity_event[];
begin
  if p_invoice_id is null then
    v_page := array(
      select e from rubis.activity_event as e
       where e.organization_id = v_actor.organization_id
         and (e.occurred_at, e.activity_event_id) < (v_before.before_at, v_before.before_id)
       order by e.occurred_at desc, e.activity_event_id desc
       limit v_limit + 1);
  else
    perform rubis.check_invoice(v_actor.organization_id, p_invoice_id);
    v_page := array(
      select e from rubis.activity_event as e
       where e.organization_id = v_actor.organization_id and e.invoice_id = p_invoice_id
         and (e.occurred_at, e.activity_event_id) < (v_before.before_at, v_before.before_id)
       order by e.occurred_at desc, e.activity_event_id desc
       limit v_limit + 1);
  end if;
  return jsonb_build_object(
    'items', (
      select coalesce(jsonb_agg(
          rubis.activity_document(e) order by e.occurred_at desc, e.activity_event_id desc), '[]')
        from unnest(v_page[:v_limit]) as e),
    'next_cursor', case when cardinality(v_page) > v_limit then
      rubis.encode_cursor(v_page[v_limit].occurred_at, v_page[v_limit].activity_event_id) end);
end;
$$;
comment on function api.list_activity(bytea, bigint, int, text) is
  'Activity events of an invoice or of all, newest first: {items, next_cursor}. RB401, RB404, '
  'RB422.';
