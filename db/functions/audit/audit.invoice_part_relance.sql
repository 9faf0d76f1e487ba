-- What audit.invoice_timeline tells of relances. It is found by organization_id and invoice_id
-- through an index.

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
   (case when r.next_look_at < r.scheduled_at then r.next_look_at end, 94, 'ahead',
     'owner is asked again before it', format('relance step %s, %s', r.step, r.tone)),
   (case r.status when 'scheduled' then greatest(r.scheduled_at, r.next_look_at) end, 95,
     'ahead', 'relance to leave', format('step %s, %s', r.step, r.tone)),
   (case r.status when 'held' then r.scheduled_at end, 95, 'ahead', 'relance is held',
     r.hold_reason)
 ) as m (at, place, source, what, detail)
 where m.at is not null;

comment on view audit.invoice_part_relance is
  'Part of audit.invoice_timeline: its relances.';
