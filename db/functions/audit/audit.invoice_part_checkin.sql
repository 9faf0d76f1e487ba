-- What audit.invoice_timeline tells of check-ins. Each branch is found by organization_id and
-- invoice_id through an index.

create view audit.invoice_part_checkin as
select t.organization_id, t.invoice_id, m.at, m.place, t.checkin_task_id as id, m.source, m.what,
       m.detail,
       t.checkin_task_id, null::bigint as user_id
  from rubis.checkin_task as t
 cross join lateral (values
   (t.created_at, 65, 'transition', 'checkin_task (new) -> scheduled',
     'to be asked at ' || date_trunc('second', t.scheduled_at)),
   (t.sent_at, 26, 'transition', 'checkin_task sending -> sent',
     'links until ' || date_trunc('second', t.expires_at)),
   (t.answered_at, 20, 'transition', 'checkin_task -> answered',
     format('%s, by %s', t.answer, t.answered_via)),
   (t.ended_at, 60, 'transition', 'checkin_task -> ' || t.status, t.end_reason),
   (t.next_attempt_at, 90, 'ahead', 'check-in to be asked', format('attempt %s', t.attempts + 1)),
   (t.lease_expires_at, 90, 'ahead', 'lease runs out', 'checkin_task is ' || t.status),
   (case t.status when 'sent' then t.expires_at end, 90, 'ahead', 'check-in expires',
     'checkin_task is sent')
 ) as m (at, place, source, what, detail)
 where m.at is not null
union all
select t.organization_id, t.invoice_id, x.at, x.place, m.checkin_mail_id, 'mail', x.what, x.detail,
       t.checkin_task_id, null
  from rubis.checkin_task as t
  join rubis.checkin_mail as m
    on m.organization_id = t.organization_id and m.checkin_task_id = t.checkin_task_id
 cross join lateral (values
   (m.attempted_at, 15, format('checkin_mail %s attempted', m.checkin_mail_id),
     'to ' || m.to_address),
   (m.accepted_at, 25, format('checkin_mail %s accepted', m.checkin_mail_id),
     'Message-ID ' || m.message_id),
   (m.failed_at, 25, format('checkin_mail %s failed', m.checkin_mail_id),
     format('%s: %s', m.failure_class, m.failure_detail))
 ) as x (at, place, what, detail)
 where x.at is not null
union all
select t.organization_id, t.invoice_id, c.clicked_at, 10, c.checkin_click_id, 'click',
       format(
         '%s %s of checkin_mail %s',
         case c.via when 'link' then 'link' else 'button' end, coalesce(c.answer, 'undo'),
         c.checkin_mail_id),
       concat_ws('; ', 'outcome ' || c.outcome, c.user_agent), t.checkin_task_id, null
  from rubis.checkin_task as t
  join rubis.checkin_mail as m
    on m.organization_id = t.organization_id and m.checkin_task_id = t.checkin_task_id
  join rubis.checkin_click as c
    on c.organization_id = m.organization_id and c.checkin_mail_id = m.checkin_mail_id;

comment on view audit.invoice_part_checkin is
  'Part of audit.invoice_timeline: its check-ins, their mails and what was clicked.';
