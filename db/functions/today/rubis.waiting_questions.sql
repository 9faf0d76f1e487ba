create or replace function rubis.waiting_questions(
  p_organization_id bigint, p_user_id bigint, p_limit int
)
returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- The questions that wait for a user's answer, oldest due first: those that were mailed and whose
-- links live, and the invoices of which paid was said without counting. With the letter that
-- waits, as it is planned. Each invoice is looked up (limit 1): the questions are few, one's
-- invoices are many.
--   Called by  api.show_today
begin
  return (
    with waiting as materialized (
      select i.invoice_id, i.due_on, t.sent_at, t.expires_at, i.said_paid_at is not null as doubtful
        from rubis.checkin_task as t
       cross join lateral (
         select v.invoice_id, v.due_on, v.user_id, v.status, v.said_paid_at from rubis.invoice as v
          where v.organization_id = p_organization_id and v.invoice_id = t.invoice_id
          limit 1) as i
       where t.organization_id = p_organization_id and t.status = 'sent'
         and t.expires_at > rubis.clock() and i.user_id = p_user_id and i.status = 'open'
      union all
      select i.invoice_id, i.due_on, null, null, true
        from rubis.invoice as i
       where i.organization_id = p_organization_id and i.said_paid_at is not null
         and i.user_id = p_user_id and rubis.said_paid(i)
         and not exists (
           select from rubis.checkin_task as t
            where t.organization_id = i.organization_id and t.invoice_id = i.invoice_id
              and t.status = 'sent' and t.expires_at > rubis.clock())
    ), shown as materialized (
      select w.* from waiting as w order by w.due_on, w.invoice_id limit p_limit
    )
    select jsonb_build_object(
      'total', (select count(*) from waiting),
      'items', coalesce(jsonb_agg(jsonb_build_object(
        'invoice', rubis.invoice_summary(i, w.today),
        'asked_at', s.sent_at, 'until', s.expires_at,
        'said_paid_at', case when s.doubtful and rubis.said_paid(i) then i.said_paid_at end,
        'relance', (
          select jsonb_build_object(
              'step', r.step, 'tone', r.tone, 'scheduled_at', r.scheduled_at, 'status', r.status)
            from rubis.relance as r
           where r.organization_id = i.organization_id and r.invoice_id = i.invoice_id
             and r.status in ('scheduled', 'held', 'sending', 'unconfirmed')))
        order by s.due_on, s.invoice_id), '[]'))
      from shown as s
      join rubis.invoice as i
        on i.organization_id = p_organization_id and i.invoice_id = s.invoice_id
     cross join (
       select (rubis.clock() at time zone o.time_zone)::date as today
         from rubis.organization as o where o.organization_id = p_organization_id) as w);
end;
$$;
comment on function rubis.waiting_questions(bigint, bigint, int) is
  'The questions that wait for a user''s answer, oldest due first, as JSON: {total, items}; '
  'p_limit are shown.';
