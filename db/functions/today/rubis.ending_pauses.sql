create or replace function rubis.ending_pauses(p_organization_id bigint, p_days int, p_limit int)
returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- The pauses that end within p_days, the next one first: of open invoices and of clients. The day
-- is the last of the pause, such as the day a payment is promised for.
--   Called by  api.show_today
begin
  return (
    with day as materialized (
      select (rubis.clock() at time zone o.time_zone)::date as today
        from rubis.organization as o where o.organization_id = p_organization_id
    ), pause as materialized (
      select i.paused_until, i.invoice_id, null as client_id
        from rubis.invoice as i
       where i.organization_id = p_organization_id and i.status = 'open'
         and i.paused_until between (select d.today from day as d)
           and (select d.today from day as d) + p_days
      union all
      select c.paused_until, null, c.client_id
        from rubis.client as c
       where c.organization_id = p_organization_id and c.merged_into_client_id is null
         and c.paused_until between (select d.today from day as d)
           and (select d.today from day as d) + p_days
    )
    select jsonb_build_object(
      'total', (select count(*) from pause),
      'items', coalesce(jsonb_agg(jsonb_build_object(
        'until', s.paused_until, 'reason', coalesce(i.pause_reason, c.pause_reason),
        'invoice', case when i.invoice_id is not null then
          rubis.invoice_summary(i, (select d.today from day as d)) end,
        'client', case when c.client_id is not null then
          jsonb_build_object('client_id', c.client_id, 'name', c.name) end)
        order by s.paused_until, s.invoice_id, s.client_id), '[]'))
      from (
        select p.* from pause as p
         order by p.paused_until, p.invoice_id, p.client_id limit p_limit) as s
      left join rubis.invoice as i
        on i.organization_id = p_organization_id and i.invoice_id = s.invoice_id
      left join rubis.client as c
        on c.organization_id = p_organization_id and c.client_id = s.client_id);
end;
$$;
comment on function rubis.ending_pauses(bigint, int, int) is
  'The pauses of open invoices and of clients that end within p_days, as JSON: {total, items}; '
  'p_limit are shown.';
