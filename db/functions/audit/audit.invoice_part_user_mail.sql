-- What audit.invoice_timeline tells of receipts and notices. Each branch is found by
-- organization_id and invoice_id through an index.

create view audit.invoice_part_user_mail as
select t.organization_id, t.invoice_id, x.at, 85 as place, u.user_mail_id as id, 'mail' as source,
       x.what,
       case u.kind when 'said_paid' then 'asks the user to decide after a click on paid'
         else 'confirms an answer of paid' end as detail,
       t.checkin_task_id, u.user_id
  from rubis.checkin_task as t
  join rubis.user_mail as u
    on u.organization_id = t.organization_id and u.checkin_task_id = t.checkin_task_id
 cross join lateral (values
   (u.created_at, format(
     'user_mail %s scheduled: %s', u.user_mail_id,
     case u.kind when 'said_paid' then 'paid was clicked' else 'receipt' end)),
   (u.sent_at, format('user_mail %s sent', u.user_mail_id)),
   (u.failed_at, format('user_mail %s failed', u.user_mail_id)),
   (u.cancelled_at, format('user_mail %s cancelled', u.user_mail_id))
 ) as x (at, what)
 where x.at is not null
union all
select t.organization_id, t.invoice_id, c.clicked_at, 10, c.checkin_click_id, 'click',
       format('button %s of %s %s', coalesce(c.answer, 'undo'),
         case u.kind when 'said_paid' then 'user_mail' else 'receipt' end, u.user_mail_id),
       concat_ws('; ', 'outcome ' || c.outcome, c.user_agent),
       t.checkin_task_id, null
  from rubis.checkin_task as t
  join rubis.user_mail as u
    on u.organization_id = t.organization_id and u.checkin_task_id = t.checkin_task_id
  join rubis.user_mail_attempt as a
    on a.organization_id = u.organization_id and a.user_mail_id = u.user_mail_id
  join rubis.checkin_click as c
    on c.organization_id = a.organization_id and c.user_mail_attempt_id = a.user_mail_attempt_id
union all
select i.organization_id, i.invoice_id, x.at, 85, u.user_mail_id, 'mail', x.what,
       format('late from %s to %s', u.data ->> 'began_at', u.data ->> 'ended_at'), null, u.user_id
  from rubis.invoice as i
  join rubis.user_mail as u
    on u.organization_id = i.organization_id and u.user_id = i.user_id and u.kind = 'late_notice'
      and u.data -> 'invoices' ? i.number::text and u.created_at >= i.created_at
 cross join lateral (values
   (u.created_at, format('user_mail %s scheduled: notice of what was late', u.user_mail_id)),
   (u.sent_at, format('user_mail %s sent', u.user_mail_id)),
   (u.failed_at, format('user_mail %s failed', u.user_mail_id))
 ) as x (at, what)
 where x.at is not null;

comment on view audit.invoice_part_user_mail is
  'Part of audit.invoice_timeline: receipts, what was '
  'clicked on them, and notices of what was late.';
