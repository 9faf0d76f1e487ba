-- What audit.invoice_timeline tells of the invoice itself. Each branch is found by organization_id
-- and invoice_id through an index.

create view audit.invoice_part_record as
select e.organization_id, e.invoice_id, e.occurred_at as at, 40 as place,
       e.activity_event_id as id, 'event' as source,
       e.kind as what, concat_ws('; ', e.label, nullif(e.data, '{}')::text) as detail,
       e.checkin_task_id, e.user_id
  from rubis.activity_event as e
union all
select r.organization_id, r.invoice_id, r.created_at, 50, r.rubis_entry_id, 'rubis',
       to_char(r.delta, 'SG9') || ' rubis', 'activity_event ' || r.activity_event_id, null, null
  from rubis.rubis_entry as r
union all
select i.organization_id, i.invoice_id, m.at, 30, i.invoice_id, 'transition', m.what, m.detail,
       null, null
  from rubis.invoice as i
 cross join lateral (values
   (i.created_at, 'invoice (new) -> open',
     format('number %s, due on %s, %s cents %s', i.number, i.due_on, i.amount_cents, i.currency)),
   (i.paid_at, 'invoice open -> paid', 'paid_via ' || i.paid_via),
   (i.cancelled_at, 'invoice open -> cancelled', '')
 ) as m (at, what, detail)
 where m.at is not null
union all
select d.organization_id, d.invoice_id, m.at, m.place, d.import_draft_id, 'transition', m.what,
       format('import_draft %s of import_batch %s', d.import_draft_id, d.import_batch_id),
       null, null
  from rubis.import_draft as d
 cross join lateral (values
   (d.created_at, 5, 'import_draft (new) -> pending'),
   (d.validated_at, 80, 'import_draft pending -> validated')
 ) as m (at, place, what)
 where m.at is not null;

comment on view audit.invoice_part_record is
  'Part of audit.invoice_timeline: the invoice itself, '
  'the draft it came from, its events and its rubis.';
