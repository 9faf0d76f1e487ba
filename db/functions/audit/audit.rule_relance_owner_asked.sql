-- What was asked before a letter left is the last check-in made before it.

create view audit.rule_relance_owner_asked as
select m.organization_id, m.invoice_id, m.relance_id, m.mail_id, m.attempt, m.attempted_at,
       'find out who wrote past worker.begin_mails: '
         'the client may have been reminded without cause' as remedy
from audit.letter_invoices as m
left join lateral (
  select t.*
    from rubis.checkin_task as t
   where t.organization_id = m.organization_id and t.invoice_id = m.invoice_id
     and t.created_at < m.attempted_at
   order by t.checkin_task_id desc limit 1
) as t on true
where t.status is null
   or not (
     (t.status in ('answered', 'expired') and coalesce(t.answered_at, t.ended_at) <= m.attempted_at)
     -- Taken back or changed since: what its history said at that moment.
     or 'asked' is not distinct from (
       select case when e.kind in ('checkin_answered', 'checkin_expired') then 'asked' end
         from rubis.activity_event as e
        where e.organization_id = t.organization_id and e.checkin_task_id = t.checkin_task_id
          and e.occurred_at <= m.attempted_at and e.kind <> 'checkin_sent'
        order by e.activity_event_id desc limit 1))
   or exists (
     select from rubis.mail_item as x
       join rubis.mail as q on q.organization_id = x.organization_id and q.mail_id = x.mail_id
       join rubis.mail_attempt as c
         on c.organization_id = x.organization_id and c.mail_id = x.mail_id
           and c.attempt = x.attempt
      where x.organization_id = t.organization_id and x.checkin_task_id = t.checkin_task_id
        and q.kind = 'questions'
        and c.attempted_at + interval '24 hours' > m.attempted_at
        and not exists (
          select from rubis.checkin_click as k
           where k.organization_id = x.organization_id and k.mail_id = x.mail_id
             and k.attempt = x.attempt and k.position = x.position
             and k.outcome in ('paid', 'pending', 'already_answered')
             and k.clicked_at <= m.attempted_at));

comment on view audit.rule_relance_owner_asked is
  'No letter left before its owner was asked and had '
  'answered pending, or every link had run out or was used.';
