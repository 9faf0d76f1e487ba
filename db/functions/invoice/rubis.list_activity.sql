create or replace function rubis.list_activity(
  p_organization_id bigint, p_limit int, p_cursor text default null,
  p_invoice_id bigint default null, p_client_id bigint default null, p_kinds text[] default null,
  p_from date default null, p_until date default null
)
returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- One page of the events of an organization, newest first: of one invoice, of one client's (or the
-- one it is merged into), of some kinds, of some local days, or of all. Each way stays on an index:
-- of each invoice or kind the newest are read, and merged.
--   Called by  api.list_activity, api.show_invoice
--   Raises     RB404, RB422
declare
  v_before record := rubis.decode_cursor(p_cursor);
  v_zone text := (
    select o.time_zone from rubis.organization as o where o.organization_id = p_organization_id);
  v_from timestamptz := coalesce(p_from::timestamp at time zone v_zone, '-infinity');
  v_before_at timestamptz := v_before.before_at;
  v_before_id bigint := v_before.before_id;
  v_client_ids bigint[] := case when p_client_id is not null then
    rubis.client_names(p_organization_id, p_client_id) end;
  v_page rubis.activity_event[];
begin
  if v_before_at >= (p_until + 1)::timestamp at time zone v_zone then
    v_before_at := (p_until + 1)::timestamp at time zone v_zone;
    v_before_id := 0;
  end if;
  if p_invoice_id is not null or p_client_id is not null then
    v_page := array(
      select n.e from rubis.invoice as i
       cross join lateral (
         select e from rubis.activity_event as e
          where e.organization_id = p_organization_id and e.invoice_id = i.invoice_id
            and e.occurred_at >= v_from
            and (e.occurred_at, e.activity_event_id) < (v_before_at, v_before_id)
            and (p_kinds is null or e.kind = any (p_kinds))
          order by e.occurred_at desc, e.activity_event_id desc
          limit p_limit + 1) as n
       where i.organization_id = p_organization_id
         and (i.invoice_id = p_invoice_id or p_invoice_id is null)
         and (i.client_id = any (v_client_ids) or v_client_ids is null)
       order by (n.e).occurred_at desc, (n.e).activity_event_id desc
       limit p_limit + 1);
  elsif p_kinds is not null then
    v_page := array(
      select n.e from (select distinct k.kind from unnest(p_kinds) as k (kind)) as k
       cross join lateral (
         select e from rubis.activity_event as e
          where e.organization_id = p_organization_id and e.kind = k.kind
            and e.occurred_at >= v_from
            and (e.occurred_at, e.activity_event_id) < (v_before_at, v_before_id)
          order by e.occurred_at desc, e.activity_event_id desc
          limit p_limit + 1) as n
       order by (n.e).occurred_at desc, (n.e).activity_event_id desc
       limit p_limit + 1);
  else
    v_page := array(
      select e from rubis.activity_event as e
       where e.organization_id = p_organization_id and e.occurred_at >= v_from
         and (e.occurred_at, e.activity_event_id) < (v_before_at, v_before_id)
       order by e.occurred_at desc, e.activity_event_id desc
       limit p_limit + 1);
  end if;
  return jsonb_build_object(
    'items', (
      select coalesce(jsonb_agg(
          rubis.activity_document(e) order by e.occurred_at desc, e.activity_event_id desc), '[]')
        from unnest(v_page[:p_limit]) as e),
    'next_cursor', case when cardinality(v_page) > p_limit then
      rubis.encode_cursor(v_page[p_limit].occurred_at, v_page[p_limit].activity_event_id) end);
end;
$$;
comment on function rubis.list_activity(
  bigint, int, text, bigint, bigint, text[], date, date) is
  'A page of events, newest first: {items, next_cursor}; of an invoice, a client, kinds, days.';
