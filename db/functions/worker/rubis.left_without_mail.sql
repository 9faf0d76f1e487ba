create or replace function rubis.left_without_mail(
  p_organization_ids bigint[], p_kind text, p_until timestamptz, p_limit int
)
returns setof timestamptz
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- The moments of the questions or receipts that were due by p_until and that no mail on its way to
-- their user takes along. Those due for longest are looked at.
--   Called by  rubis.has_leftovers, rubis.wake_for_mails, rubis.count_work, api.readiness
  select d.at
    from (
      (select t.organization_id, t.invoice_id, t.scheduled_at as at from rubis.checkin_task as t
        where t.organization_id = any (p_organization_ids) and p_kind = 'questions'
          and t.status = 'scheduled' and t.scheduled_at <= p_until
        order by t.scheduled_at limit p_limit)
      union all
      (select t.organization_id, t.invoice_id, t.receipt_at from rubis.checkin_task as t
        where t.organization_id = any (p_organization_ids) and p_kind = 'receipts'
          and t.receipt_at <= p_until
        order by t.receipt_at limit p_limit)) as d
    join rubis.invoice as i
      on i.organization_id = d.organization_id and i.invoice_id = d.invoice_id
   where not exists (
     select from rubis.mail as m
      where m.organization_id = i.organization_id and m.user_id = i.user_id
        and m.kind = p_kind and m.status in ('scheduled', 'queued', 'sending'));
$$;
comment on function rubis.left_without_mail(bigint[], text, timestamptz, int) is
  'When each of the questions or receipts (p_kind) was due that was due by p_until and has no mail '
  'on its way; at most p_limit.';
