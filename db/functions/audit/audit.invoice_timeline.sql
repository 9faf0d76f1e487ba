-- One list of all that is recorded about an invoice, from its parts.

create view audit.invoice_timeline as
select story.organization_id, story.invoice_id, story.at, story.source, story.what, story.detail,
       story.checkin_task_id, story.user_id
from (
  select * from audit.invoice_part_record
  union all
  select * from audit.invoice_part_checkin
  union all
  select * from audit.invoice_part_mail
  union all
  select * from audit.invoice_part_relance
) as story
order by story.organization_id, story.invoice_id, story.at, story.place, story.id;

comment on view audit.invoice_timeline is
  'All that is recorded about an invoice and what comes next, '
  'oldest first. Always give organization_id and invoice_id.';
comment on column audit.invoice_timeline.at is 'When; in the future for source ahead.';
comment on column audit.invoice_timeline.source is
  'event (activity_event), rubis, mail, click, transition (a '
  'status, by the row''s own times) or ahead (what is scheduled).';
comment on column audit.invoice_timeline.what is
  'In a few words. A row keeps the time of its last move only: '
  'what a reopened invoice was before is among the events.';
comment on column audit.invoice_timeline.detail is
  'The rest; for a mail that was attempted, its address.';
comment on column audit.invoice_timeline.checkin_task_id is 'The check-in it belongs to, if any.';
comment on column audit.invoice_timeline.user_id is
  'Who did it in the app; null for a click, the worker or a DBA.';
