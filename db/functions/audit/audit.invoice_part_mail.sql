-- What audit.invoice_timeline tells of mails. Each branch is found by organization_id and
-- invoice_id through an index; late notices, which name invoices by number, through their user.

create view audit.invoice_part_mail as
select i.organization_id, i.invoice_id, x.at, x.place, i.mail_id as id, 'mail' as source,
       format('%s mail %s %s', m.kind, i.mail_id, x.what) as what,
       concat_ws('; ', x.detail, format('attempt %s', i.attempt), case when n.items > 1
         then format('item %s of %s', i.position, n.items) end) as detail,
       i.checkin_task_id, m.user_id
  from rubis.mail_item as i
  join rubis.mail as m on m.organization_id = i.organization_id and m.mail_id = i.mail_id
  join rubis.mail_attempt as a
    on a.organization_id = i.organization_id and a.mail_id = i.mail_id and a.attempt = i.attempt
 cross join lateral (
   select count(*) as items from rubis.mail_item as o
    where o.organization_id = i.organization_id and o.mail_id = i.mail_id
      and o.attempt = i.attempt
 ) as n
 cross join lateral (values
   (a.attempted_at, 15, 'attempted', 'to ' || a.to_address),
   (i.withdrawn_at, 24, 'left this invoice out', 'by the last word'),
   (case when i.withdrawn_at is null then a.accepted_at end, 25, 'accepted',
     'Message-ID ' || a.message_id),
   (case when i.withdrawn_at is null then a.failed_at end, 25,
     case a.failure_class when 'withdrawn' then 'withdrawn' else 'failed' end,
     case a.failure_class when 'withdrawn' then a.failure_detail
       else format('%s: %s', a.failure_class, a.failure_detail) end)
 ) as x (at, place, what, detail)
 where i.invoice_id is not null and x.at is not null
union all
select i.organization_id, i.invoice_id, c.clicked_at, 10, c.checkin_click_id, 'click',
       format(
         '%s %s of %s mail %s', case c.via when 'link' then 'link' else 'button' end,
         coalesce(c.answer, 'undo'), m.kind, i.mail_id),
       concat_ws('; ', 'outcome ' || c.outcome, c.user_agent), i.checkin_task_id, null
  from rubis.mail_item as i
  join rubis.mail as m on m.organization_id = i.organization_id and m.mail_id = i.mail_id
  join rubis.checkin_click as c
    on c.organization_id = i.organization_id and c.mail_id = i.mail_id
      and c.attempt = i.attempt and c.position = i.position
 where i.invoice_id is not null
union all
select t.organization_id, t.invoice_id, x.at, 85, m.mail_id, 'mail',
       format('said_paid mail %s %s', m.mail_id, x.what), x.detail, t.checkin_task_id, m.user_id
  from rubis.checkin_task as t
  join rubis.mail as m
    on m.organization_id = t.organization_id and m.checkin_task_id = t.checkin_task_id
      and m.kind = 'said_paid'
 cross join lateral (values
   (m.created_at, 'scheduled', 'asks the user to decide after a click on paid'),
   (case when m.status in ('failed', 'cancelled') then m.ended_at end, m.status::text, m.end_reason)
 ) as x (at, what, detail)
 where x.at is not null
union all
select i.organization_id, i.invoice_id, x.at, 85, m.mail_id, 'mail',
       format('late_notice mail %s %s', m.mail_id, x.what),
       format('late from %s to %s', m.data ->> 'began_at', m.data ->> 'ended_at'), null, m.user_id
  from rubis.invoice as i
  join rubis.mail as m
    on m.organization_id = i.organization_id and m.user_id = i.user_id and m.kind = 'late_notice'
      and m.data -> 'invoices' ? i.number::text and m.created_at >= i.created_at
 cross join lateral (values
   (m.created_at, 'scheduled'), (m.ended_at, m.status::text)
 ) as x (at, what)
 where x.at is not null;

comment on view audit.invoice_part_mail is
  'Part of audit.invoice_timeline: each mail that carried it, with how many other items, to whom '
  'and its fate; what was clicked; notices of what was late.';
