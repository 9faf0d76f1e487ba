-- Answers that a person took back or changed. Many of one organization suggest that a machine
-- answers in its place.

create view audit.undone_answers as
select e.organization_id, o.name as organization_name, e.invoice_id, e.checkin_task_id,
       e.occurred_at as undone_at,
       e.label as what,
       given.clicked_at as answered_at, given.via as answered_via,
       given.user_agent as answered_user_agent,
       t.status as status_now, t.answer as answer_now
from rubis.activity_event as e
join rubis.organization as o on o.organization_id = e.organization_id
join rubis.checkin_task as t
  on t.organization_id = e.organization_id and t.checkin_task_id = e.checkin_task_id
left join lateral (
  select k.*
    from rubis.mail_item as x
    join rubis.checkin_click as k
      on k.organization_id = x.organization_id and k.mail_id = x.mail_id
        and k.attempt = x.attempt and k.position = x.position
   where x.organization_id = e.organization_id and x.checkin_task_id = e.checkin_task_id
     and k.outcome in ('paid', 'pending') and k.clicked_at < e.occurred_at
   order by k.checkin_click_id desc limit 1
) as given on true
where e.kind = 'checkin_undone'
order by e.occurred_at desc, e.organization_id asc, e.activity_event_id asc;

comment on view audit.undone_answers is
  'Answers taken back or changed by a person, with the click that had given them. Newest first.';
comment on column audit.undone_answers.what is
  'Which answer, and on which page it was undone: that of the check-in or of the receipt.';
comment on column audit.undone_answers.answer_now is
  'What is answered now; null if the question is open or has expired.';
