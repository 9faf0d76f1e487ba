-- The question asked about one invoice.

create table rubis.checkin_task (
  organization_id bigint not null,
  checkin_task_id bigint generated always as identity,
  invoice_id bigint not null,
  status rubis.checkin_status not null default 'scheduled',
  scheduled_at rubis.moment not null,
  asked_by_hand boolean not null default false,
  hold_reason text,
  sent_at rubis.moment,
  expires_at rubis.moment,
  answer rubis.checkin_answer,
  answered_at rubis.moment,
  answered_via rubis.answered_via,
  ended_at rubis.moment,
  end_reason text,
  follows_checkin_task_id bigint,
  contradicted_at rubis.moment,
  undone_at rubis.moment,
  proof_due_at rubis.moment,
  receipt_at rubis.moment,
  created_at rubis.moment not null default rubis.clock(),
  constraint checkin_task__pkey primary key (organization_id, checkin_task_id),
  constraint checkin_task__invoice foreign key (organization_id, invoice_id)
  references rubis.invoice (organization_id, invoice_id),
  constraint checkin_task__follows foreign key (organization_id, follows_checkin_task_id)
  references rubis.checkin_task (organization_id, checkin_task_id),
  constraint checkin_task__hold_facts check ((status = 'held') = (hold_reason is not null)),
  constraint checkin_task__sent_facts check (
    status <> all('{sent,expired}') or (sent_at is not null and expires_at is not null)
  ),
  constraint checkin_task__answer_facts check (
    (status = 'answered') = (answer is not null)
    and (answer is null) = (answered_at is null)
    and (answer is null) = (answered_via is null)
  ),
  constraint checkin_task__end_facts check (
    (status = any('{expired,failed,cancelled}')) = (ended_at is not null)
    and (ended_at is null) = (end_reason is null)
  ),
  constraint checkin_task__receipt_facts check (
    receipt_at is null
    or (answer is not null and answer = 'paid' and answered_via <> 'app')
  )
);
create unique index checkin_task__one_live on rubis.checkin_task (organization_id, invoice_id)
where status in ('scheduled', 'held', 'sending', 'sent');
create index checkin_task__invoice_id on rubis.checkin_task (
  organization_id, invoice_id, checkin_task_id
);
create index checkin_task__follows_id on rubis.checkin_task (
  organization_id, follows_checkin_task_id
) where follows_checkin_task_id is not null;
create index checkin_task__contradicted on rubis.checkin_task (organization_id)
where contradicted_at is not null;
-- What the tick of an organization looks for.
create index checkin_task__due on rubis.checkin_task (organization_id, scheduled_at)
where status = 'scheduled';
create index checkin_task__due_by_hand on rubis.checkin_task (organization_id, scheduled_at)
where status = 'scheduled' and asked_by_hand;
create index checkin_task__held on rubis.checkin_task (organization_id) where status = 'held';
create index checkin_task__expiring on rubis.checkin_task (organization_id, expires_at)
where status = 'sent';
create index checkin_task__proof_due on rubis.checkin_task (organization_id, proof_due_at)
where proof_due_at is not null;
create index checkin_task__receipt_due on rubis.checkin_task (organization_id, receipt_at)
where receipt_at is not null;
comment on table rubis.checkin_task is
  'The question "have you been paid?" about one invoice. At most one is live per invoice.';
comment on column rubis.checkin_task.scheduled_at is
  'When it is to be asked: the due date at the organization''s check-in time. A question that is '
  'put off moves here.';
comment on column rubis.checkin_task.asked_by_hand is
  'Asked again by hand, or after a late paid: outside organization.question_mails_per_day.';
comment on column rubis.checkin_task.hold_reason is
  'While held: address_unproven, for enough was mailed to an address that is not proven.';
comment on column rubis.checkin_task.expires_at is '24 h after the last mail that was accepted.';
comment on column rubis.checkin_task.answer is 'What the user said: paid or still_pending.';
comment on column rubis.checkin_task.answered_via is
  'link (a click in the mail), page (a button on the page that the mail leads to) or app.';
comment on column rubis.checkin_task.end_reason is
  'Why it ended without an answer, in words for a DBA.';
comment on column rubis.checkin_task.follows_checkin_task_id is
  'The earlier check-in that this one follows: it was asked '
  'before the due date, so it did not stand for that day''s.';
comment on column rubis.checkin_task.contradicted_at is
  'When both its links had been followed at once and the '
  'first answer was taken back; since then they open a page.';
comment on column rubis.checkin_task.undone_at is
  'When a user last took an answer back or changed it; since then its links open a page.';
comment on column rubis.checkin_task.proof_due_at is
  'Answered by a link while the user''s address is not proven: when the time to contradict the '
  'answer is over, and a tick takes it for a person''s.';
comment on column rubis.checkin_task.receipt_at is
  'When a receipt of its answer of paid is due; null if none is, or once it was mailed.';
