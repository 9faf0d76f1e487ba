-- Check-ins that a machine answered, such as a mail scanner that follows every link: see
-- docs/dba.md.

create view audit.contradictions as
select t.organization_id, o.name as organization_name, o.click_mode, t.invoice_id,
       t.checkin_task_id, then_.mail_id, t.contradicted_at,
       e.label as what, t.status as status_now, t.answer as answer_now,
       first.clicked_at as first_clicked_at,
       first.answer as first_link, first.user_agent as first_user_agent,
       then_.clicked_at as then_clicked_at,
       then_.answer as then_link, then_.user_agent as then_user_agent
from rubis.checkin_task as t
join rubis.organization as o on o.organization_id = t.organization_id
join rubis.activity_event as e
  on e.organization_id = t.organization_id and e.checkin_task_id = t.checkin_task_id
    and e.kind = 'checkin_contradicted'
cross join lateral (
  select k.*
    from rubis.mail_item as x
    join rubis.checkin_click as k
      on k.organization_id = x.organization_id and k.mail_id = x.mail_id
        and k.attempt = x.attempt and k.position = x.position
   where x.organization_id = t.organization_id and x.checkin_task_id = t.checkin_task_id
     and k.outcome = 'contradicted'
   order by k.checkin_click_id limit 1
) as then_
left join lateral (
  select k.*
    from rubis.mail_item as x
    join rubis.checkin_click as k
      on k.organization_id = x.organization_id and k.mail_id = x.mail_id
        and k.attempt = x.attempt and k.position = x.position
   where x.organization_id = t.organization_id and x.checkin_task_id = t.checkin_task_id
     and k.outcome in ('paid', 'pending') and k.checkin_click_id < then_.checkin_click_id
   order by k.checkin_click_id desc limit 1
) as first on true
where t.contradicted_at is not null
order by t.contradicted_at desc, t.organization_id asc, t.checkin_task_id asc;

comment on view audit.contradictions is
  'Check-ins whose two links were followed at once, and by '
  'what: the first answer was taken back. Newest first.';
comment on column audit.contradictions.mail_id is
  'The mail whose links were followed. A machine follows all links of a mail, so count mails.';
comment on column audit.contradictions.what is 'The answers in their order.';
comment on column audit.contradictions.answer_now is
  'What was answered since, by a button or in the app.';
