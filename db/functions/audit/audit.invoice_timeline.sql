-- One list of all that is recorded about an invoice. Each branch is found by organization_id and invoice_id through an index.

create view audit.invoice_timeline as
select story.organization_id, story.invoice_id, story.at, story.source, story.what, story.detail,
       story.checkin_task_id, story.user_id
from (
  select e.organization_id, e.invoice_id, e.occurred_at as at, 40 as place, e.activity_event_id as id, 'event' as source,
         e.kind as what, concat_ws('; ', e.label, nullif(e.data, '{}')::text) as detail, e.checkin_task_id, e.user_id
    from rubis.activity_event as e
  union all
  select r.organization_id, r.invoice_id, r.created_at, 50, r.rubis_entry_id, 'rubis',
         to_char(r.delta, 'SG9') || ' rubis', 'activity_event ' || r.activity_event_id, null, null
    from rubis.rubis_entry as r
  union all
  select i.organization_id, i.invoice_id, m.at, 30, i.invoice_id, 'transition', m.what, m.detail, null, null
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
         format('import_draft %s of import_batch %s', d.import_draft_id, d.import_batch_id), null, null
    from rubis.import_draft as d
   cross join lateral (values
     (d.created_at, 5, 'import_draft (new) -> pending'),
     (d.validated_at, 80, 'import_draft pending -> validated')
   ) as m (at, place, what)
   where m.at is not null
  union all
  select t.organization_id, t.invoice_id, m.at, m.place, t.checkin_task_id, m.source, m.what, m.detail, t.checkin_task_id, null
    from rubis.checkin_task as t
   cross join lateral (values
     (t.created_at, 65, 'transition', 'checkin_task (new) -> scheduled',
       'to be asked at ' || date_trunc('second', t.scheduled_at)),
     (t.sent_at, 26, 'transition', 'checkin_task sending -> sent', 'links until ' || date_trunc('second', t.expires_at)),
     (t.answered_at, 20, 'transition', 'checkin_task -> answered', format('%s, by %s', t.answer, t.answered_via)),
     (t.ended_at, 60, 'transition', 'checkin_task -> ' || t.status, t.end_reason),
     (t.next_attempt_at, 90, 'ahead', 'check-in to be asked', format('attempt %s', t.attempts + 1)),
     (t.lease_expires_at, 90, 'ahead', 'lease runs out', 'checkin_task is ' || t.status),
     (case t.status when 'sent' then t.expires_at end, 90, 'ahead', 'check-in expires', 'checkin_task is sent')
   ) as m (at, place, source, what, detail)
   where m.at is not null
  union all
  select t.organization_id, t.invoice_id, x.at, x.place, m.checkin_mail_id, 'mail', x.what, x.detail, t.checkin_task_id, null
    from rubis.checkin_task as t
    join rubis.checkin_mail as m on m.organization_id = t.organization_id and m.checkin_task_id = t.checkin_task_id
   cross join lateral (values
     (m.attempted_at, 15, format('checkin_mail %s attempted', m.checkin_mail_id), 'to ' || m.to_address),
     (m.accepted_at, 25, format('checkin_mail %s accepted', m.checkin_mail_id), 'Message-ID ' || m.message_id),
     (m.failed_at, 25, format('checkin_mail %s failed', m.checkin_mail_id), format('%s: %s', m.failure_class, m.failure_detail))
   ) as x (at, place, what, detail)
   where x.at is not null
  union all
  select t.organization_id, t.invoice_id, c.clicked_at, 10, c.checkin_click_id, 'click',
         format(
           '%s %s of checkin_mail %s', case c.via when 'link' then 'link' else 'button' end, coalesce(c.answer, 'undo'),
           c.checkin_mail_id),
         concat_ws('; ', 'outcome ' || c.outcome, c.user_agent), t.checkin_task_id, null
    from rubis.checkin_task as t
    join rubis.checkin_mail as m on m.organization_id = t.organization_id and m.checkin_task_id = t.checkin_task_id
    join rubis.checkin_click as c on c.organization_id = m.organization_id and c.checkin_mail_id = m.checkin_mail_id
  union all
  select t.organization_id, t.invoice_id, c.clicked_at, 10, c.checkin_click_id, 'click',
         format('button undo of receipt %s', u.user_mail_id), concat_ws('; ', 'outcome ' || c.outcome, c.user_agent),
         t.checkin_task_id, null
    from rubis.checkin_task as t
    join rubis.user_mail as u on u.organization_id = t.organization_id and u.checkin_task_id = t.checkin_task_id
    join rubis.user_mail_attempt as a on a.organization_id = u.organization_id and a.user_mail_id = u.user_mail_id
    join rubis.checkin_click as c on c.organization_id = a.organization_id and c.user_mail_attempt_id = a.user_mail_attempt_id
  union all
  select t.organization_id, t.invoice_id, x.at, x.place, u.user_mail_id, 'mail', x.what, 'confirms an answer of paid',
         t.checkin_task_id, u.user_id
    from rubis.checkin_task as t
    join rubis.user_mail as u on u.organization_id = t.organization_id and u.checkin_task_id = t.checkin_task_id
   cross join lateral (values
     (u.created_at, 85, format('user_mail %s scheduled: receipt', u.user_mail_id)),
     (u.sent_at, 85, format('user_mail %s sent', u.user_mail_id)),
     (u.failed_at, 85, format('user_mail %s failed', u.user_mail_id)),
     (u.cancelled_at, 85, format('user_mail %s cancelled', u.user_mail_id))
   ) as x (at, place, what)
   where x.at is not null
  union all
  select r.organization_id, r.invoice_id, m.at, m.place, r.relance_id, m.source, m.what, m.detail, null, null
    from rubis.relance as r
   cross join lateral (values
     (r.created_at, 75, 'transition', 'relance (new) -> scheduled', format('step %s, %s', r.step, r.tone)),
     (r.sent_at, 26, 'transition', 'relance sending -> sent', 'step ' || r.step),
     (r.cancelled_at, 70, 'transition', 'relance -> cancelled', r.cancel_reason),
     (r.next_attempt_at, 95, 'ahead', 'relance to leave', format('step %s, %s', r.step, r.tone)),
     (case r.status when 'held' then r.scheduled_at end, 95, 'ahead', 'relance is held', r.hold_reason),
     (r.lease_expires_at, 95, 'ahead', 'lease runs out', 'relance is ' || r.status)
   ) as m (at, place, source, what, detail)
   where m.at is not null
  union all
  select m.organization_id, m.invoice_id, x.at, x.place, m.relance_mail_id, 'mail', x.what, x.detail, null, null
    from rubis.relance_mail as m
   cross join lateral (values
     (m.attempted_at, 15, format('relance_mail %s attempted', m.relance_mail_id), 'to ' || m.to_address),
     (m.accepted_at, 25, format('relance_mail %s accepted', m.relance_mail_id), 'Message-ID ' || m.message_id),
     (m.failed_at, 25, format('relance_mail %s failed', m.relance_mail_id), format('%s: %s', m.failure_class, m.failure_detail))
   ) as x (at, place, what, detail)
   where x.at is not null
  union all
  select i.organization_id, i.invoice_id, x.at, x.place, u.user_mail_id, 'mail', x.what,
         format('late from %s to %s', u.data ->> 'began_at', u.data ->> 'ended_at'), null, u.user_id
    from rubis.invoice as i
    join rubis.user_mail as u
      on u.organization_id = i.organization_id and u.user_id = i.user_id and u.kind = 'late_notice'
        and u.data -> 'invoices' ? i.number::text and u.created_at >= i.created_at
   cross join lateral (values
     (u.created_at, 85, format('user_mail %s scheduled: notice of what was late', u.user_mail_id)),
     (u.sent_at, 85, format('user_mail %s sent', u.user_mail_id)),
     (u.failed_at, 85, format('user_mail %s failed', u.user_mail_id))
   ) as x (at, place, what)
   where x.at is not null
) as story
order by story.organization_id, story.invoice_id, story.at, story.place, story.id;

comment on view audit.invoice_timeline is
  'All that is recorded about an invoice and what comes next, oldest first. Always give organization_id and invoice_id.';
comment on column audit.invoice_timeline.at is 'When; in the future for source ahead.';
comment on column audit.invoice_timeline.source is
  'event (activity_event), rubis, mail, click, transition (a status, by the row''s own times) or ahead (what is scheduled).';
comment on column audit.invoice_timeline.what is
  'In a few words. A row keeps the time of its last move only: what a reopened invoice was before is among the events.';
comment on column audit.invoice_timeline.detail is 'The rest; for a mail that was attempted, its address.';
comment on column audit.invoice_timeline.checkin_task_id is 'The check-in it belongs to, if any.';
comment on column audit.invoice_timeline.user_id is 'Who did it in the app; null for a click, the worker or a DBA.';
