-- What audit.invoice_timeline tells of relances. Each branch is found by organization_id and
-- invoice_id through an index.

create view audit.invoice_part_relance as
select r.organization_id, r.invoice_id, m.at, m.place, r.relance_id as id, m.source, m.what,
       m.detail,
       null::bigint as checkin_task_id, null::bigint as user_id
  from rubis.relance as r
 cross join lateral (values
   (r.created_at, 75, 'transition', 'relance (new) -> scheduled',
     format('step %s, %s', r.step, r.tone)),
   (r.sent_at, 26, 'transition', 'relance sending -> sent', 'step ' || r.step),
   (r.cancelled_at, 70, 'transition', 'relance -> cancelled', r.cancel_reason),
   (case when r.next_attempt_at < r.scheduled_at then r.next_attempt_at end, 94, 'ahead',
     'owner is asked again before it', format('relance step %s, %s', r.step, r.tone)),
   (case r.status when 'scheduled' then greatest(r.scheduled_at, r.next_attempt_at) end, 95,
     'ahead', 'relance to leave', format('step %s, %s', r.step, r.tone)),
   (case r.status when 'held' then r.scheduled_at end, 95, 'ahead', 'relance is held',
     r.hold_reason),
   (r.lease_expires_at, 95, 'ahead', 'lease runs out', 'relance is ' || r.status)
 ) as m (at, place, source, what, detail)
 where m.at is not null
union all
select m.organization_id, m.invoice_id, x.at, x.place, m.relance_mail_id, 'mail', x.what, x.detail,
       null, null
  from rubis.relance_mail as m
 cross join lateral (values
   (m.attempted_at, 15, format('relance_mail %s attempted', m.relance_mail_id),
     'to ' || m.to_address),
   (m.accepted_at, 25, format('relance_mail %s accepted', m.relance_mail_id),
     'Message-ID ' || m.message_id),
   (m.failed_at, 25, format(
     'relance_mail %s %s', m.relance_mail_id,
     case m.failure_class when 'withdrawn' then 'withdrawn' else 'failed' end),
     case m.failure_class when 'withdrawn' then m.failure_detail
       else format('%s: %s', m.failure_class, m.failure_detail) end)
 ) as x (at, place, what, detail)
 where x.at is not null;

comment on view audit.invoice_part_relance is
  'Part of audit.invoice_timeline: its relances and their mails.';
