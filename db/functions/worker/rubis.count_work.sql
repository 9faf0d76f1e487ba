create or replace function rubis.count_work(p_limit int)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- What ticks have to do, and which mails they have in hand, by kind: questions, relances, and all
-- other mails to users. What a mail on its way takes along is counted with that mail. Only
-- organizations with something due are read, each by its due index.
--   Called by  api.measure_flow
  with clock as materialized (
    select rubis.clock() as now, rubis.clock() - interval '2 minutes' as late
  ), due as materialized (
    select array(select rubis.overdue_organizations(c.now, p_limit)) as ids from clock as c
  ), waiting (mail_kind, state, at) as (
    select k.mail_kind, 'due', w.at
      from due as d
     cross join clock as c
     cross join (values ('questions'), ('receipts')) as k (mail_kind)
     cross join lateral rubis.left_without_mail(d.ids, k.mail_kind, c.now, p_limit) as w (at)
    union all
    (select 'letter', 'due', r.next_look_at from rubis.relance as r
      where r.organization_id = any ((select d.ids from due as d)::bigint[])
        and r.status = 'scheduled' and r.next_look_at <= rubis.clock()
      order by r.next_look_at limit p_limit)
    union all
    (select m.kind, 'due', m.next_attempt_at
       from rubis.mail as m
      where m.organization_id = any ((select d.ids from due as d)::bigint[])
        and m.status = 'scheduled' and m.next_attempt_at <= rubis.clock()
      order by m.next_attempt_at limit p_limit)
    union all
    (select m.kind, 'in_hand', m.lease_expires_at
       from rubis.mail as m
      where m.status in ('queued', 'sending') order by m.lease_expires_at limit p_limit)
    union all
    (select 'questions', 'run_out', t.expires_at from rubis.checkin_task as t
      where t.organization_id = any ((select d.ids from due as d)::bigint[])
        and t.status = 'sent' and t.expires_at <= rubis.clock()
      order by t.expires_at limit p_limit)
  ), counted as (
    select k.kind, count(*) filter (where w.state = 'due') as due,
           count(*) filter (where w.state = 'due' and w.at < c.late) as overdue,
           count(*) filter (where w.state = 'in_hand') as in_hand,
           count(*) filter (where w.state in ('in_hand', 'run_out') and w.at < c.late) as stuck,
           coalesce(extract(epoch from max(c.now - w.at) filter (where w.state = 'due')), 0)
             as lag_seconds
      from (values ('checkin'), ('relance'), ('user_mail')) as k (kind)
     cross join clock as c
      left join waiting as w
        on k.kind = case w.mail_kind when 'questions' then 'checkin' when 'letter' then 'relance'
          else 'user_mail' end
     group by k.kind
  )
  select jsonb_object_agg(n.kind, to_jsonb(n) - 'kind') from counted as n;
$$;
comment on function rubis.count_work(int) is
  'By kind (checkin, relance, user_mail): due, overdue; in_hand, stuck: its mails, and questions '
  'whose links ran out; up to p_limit each; lag_seconds of the oldest due.';
