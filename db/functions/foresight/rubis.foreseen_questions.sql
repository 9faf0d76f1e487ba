create or replace function rubis.foreseen_questions(
  p_organization_id bigint, p_invoice_id bigint, p_until timestamptz, p_limit int
)
returns table (at timestamptz, invoice_id bigint, reason text, known_until timestamptz)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Foresee the questions that have a row, of one invoice or of all (null), until a moment: when each
-- is asked, and that of the due date, which follows one that ends before. If an invoice is named,
-- its question that is held has a reason and no moment. Past known_until there may be others.
--   Called by  rubis.foresee
begin
  return query
  with live as materialized (
    (select t.invoice_id, t.status::text as status, t.scheduled_at, t.expires_at
       from rubis.checkin_task as t
      where t.organization_id = p_organization_id and t.invoice_id = p_invoice_id
        and t.status in ('scheduled', 'held', 'sending', 'sent'))
    union all
    (select t.invoice_id, t.status::text, t.scheduled_at, t.expires_at
       from rubis.checkin_task as t
      where p_invoice_id is null
        and t.organization_id = p_organization_id and t.status = 'scheduled'
        and t.scheduled_at <= p_until
      order by t.scheduled_at limit p_limit + 1)
    union all
    (select t.invoice_id, t.status::text, t.scheduled_at, t.expires_at
       from rubis.checkin_task as t
      where p_invoice_id is null
        and t.organization_id = p_organization_id and t.status = 'sent'
      order by t.expires_at desc limit p_limit)
  ), asked as materialized (
    select l.invoice_id, case l.status
             when 'held' then null else greatest(l.scheduled_at, rubis.clock()) end as at,
           l.status, coalesce(
             l.expires_at, greatest(l.scheduled_at, rubis.clock()) + interval '24 hours') as ends_at
      from live as l
  )
  select q.at, q.invoice_id, case when q.at is null then 'address_unproven' end, h.at
    from (
      select a.at, a.invoice_id from asked as a where a.status <> 'sent'
      union all
      select rubis.checkin_at(i.due_on, o.checkin_time, o.time_zone), a.invoice_id
        from asked as a
        join rubis.invoice as i
          on i.organization_id = p_organization_id and i.invoice_id = a.invoice_id
        join rubis.organization as o on o.organization_id = p_organization_id
       where a.status <> 'held' and (a.ends_at at time zone o.time_zone)::date < i.due_on) as q
   cross join (
     select case when count(*) > p_limit then max(a.at) else 'infinity' end as at
       from asked as a where a.status = 'scheduled') as h
   where q.at is null or q.at <= p_until;
end;
$$;
comment on function rubis.foreseen_questions(bigint, bigint, timestamptz, int) is
  'When the questions that have a row are asked, and those of the due date after them; complete up '
  'to known_until.';
