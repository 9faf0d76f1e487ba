-- What audit.invoice_timeline tells of check-ins. It is found by organization_id and invoice_id
-- through an index.

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
   (case t.status when 'scheduled' then t.scheduled_at end, 90, 'ahead', 'check-in to be asked',
     case when t.asked_by_hand then 'asked again by hand' else '' end),
   (case t.status when 'held' then t.scheduled_at end, 90, 'ahead', 'check-in is held',
     t.hold_reason),
   (case t.status when 'sent' then t.expires_at end, 90, 'ahead', 'check-in expires',
     'checkin_task is sent'),
   (t.receipt_at, 91, 'ahead', 'receipt to be mailed', 'confirms the answer of paid')
 ) as m (at, place, source, what, detail)
 where m.at is not null;

comment on view audit.invoice_part_checkin is
  'Part of audit.invoice_timeline: its check-ins.';
