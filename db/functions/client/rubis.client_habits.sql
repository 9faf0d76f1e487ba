create or replace function rubis.client_habits(
  p_organization_id bigint, p_client_ids bigint[], p_today date
)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- How a client paid in the last 12 months: how many invoices, how many days after they were due on
-- average (below zero: before), and what was answered to the questions about them.
--   Called by  api.show_client
  select jsonb_build_object(
    'paid_invoices', count(*) filter (where i.paid_on > v.since),
    'average_days_late', round(avg(i.paid_on - i.due_on) filter (where i.paid_on > v.since), 1),
    'questions', (
      select jsonb_build_object(
          'asked', count(*) filter (where t.sent_at is not null),
          'pending', count(*) filter (where t.answer = 'still_pending'),
          'paid', count(*) filter (where t.answer = 'paid'))
        from rubis.invoice as a
        join rubis.checkin_task as t
          on t.organization_id = a.organization_id and t.invoice_id = a.invoice_id
       where a.organization_id = p_organization_id and a.client_id = any (p_client_ids)
         and not a.is_sample
         and coalesce(t.answered_at, t.sent_at) > v.since))
    from (select (p_today - interval '12 months')::date as since) as v
    left join lateral (
      select p.due_on, (p.paid_at at time zone o.time_zone)::date as paid_on
        from rubis.invoice as p
        join rubis.organization as o on o.organization_id = p.organization_id
       where p.organization_id = p_organization_id and p.client_id = any (p_client_ids)
         and p.status = 'paid' and not p.is_sample) as i on true
   group by v.since;
$$;
comment on function rubis.client_habits(bigint, bigint[], date) is
  'How a client paid in the last 12 months, as JSON: paid_invoices, average_days_late, questions.';
