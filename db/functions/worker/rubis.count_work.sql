create or replace function rubis.count_work(p_limit int)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- What a tick has to do or has in hand, by kind. Each branch reads the oldest rows of its index
-- first, so late rows are counted before the limit is reached.
--   Called by  api.measure_flow
  with clock as materialized (
    select rubis.clock() as now, rubis.clock() - interval '2 minutes' as late
  ), waiting (kind, state, at) as (
    (select 'checkin', 'due', t.next_attempt_at from rubis.checkin_task as t
      where t.status = 'scheduled'
        and t.next_attempt_at <= rubis.clock()
      order by t.next_attempt_at limit p_limit)
    union all
    (select 'relance', 'due', r.next_attempt_at from rubis.relance as r
      where r.status = 'scheduled'
        and r.next_attempt_at <= rubis.clock()
      order by r.next_attempt_at limit p_limit)
    union all
    (select 'user_mail', 'due', m.next_attempt_at from rubis.user_mail as m
      where m.status = 'scheduled'
        and m.next_attempt_at <= rubis.clock()
      order by m.next_attempt_at limit p_limit)
    union all
    (select 'checkin', 'in_hand', t.lease_expires_at from rubis.checkin_task as t
      where t.status in ('queued', 'sending') order by t.lease_expires_at limit p_limit)
    union all
    (select 'relance', 'in_hand', r.lease_expires_at from rubis.relance as r
      where r.status in ('queued', 'sending') order by r.lease_expires_at limit p_limit)
    union all
    (select 'user_mail', 'in_hand', m.lease_expires_at from rubis.user_mail as m
      where m.status in ('queued', 'sending') order by m.lease_expires_at limit p_limit)
    union all
    (select 'checkin', 'run_out', t.expires_at from rubis.checkin_task as t
      where t.status = 'sent' and t.expires_at <= rubis.clock() order by t.expires_at limit p_limit)
  ), counted as (
    select k.kind, count(*) filter (where w.state = 'due') as due,
           count(*) filter (where w.state = 'due' and w.at < c.late) as overdue,
           count(*) filter (where w.state = 'in_hand') as in_hand,
           count(*) filter (where w.state in ('in_hand', 'run_out') and w.at < c.late) as stuck,
           coalesce(extract(epoch from max(c.now - w.at) filter (where w.state = 'due')), 0)
             as lag_seconds
      from (values ('checkin'), ('relance'), ('user_mail')) as k (kind)
     cross join clock as c
      left join waiting as w on w.kind = k.kind
     group by k.kind
  )
  select jsonb_object_agg(n.kind, to_jsonb(n) - 'kind') from counted as n;
$$;
comment on function rubis.count_work(int) is
  'By kind (checkin, relance, user_mail): due, overdue, in_hand, '
  'stuck, up to p_limit each; lag_seconds of the oldest due.';
