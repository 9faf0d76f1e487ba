-- The question asked about one invoice.

create table rubis.checkin_task (
  organization_id bigint not null,
  checkin_task_id bigint generated always as identity,
  invoice_id bigint not null,
  status rubis.checkin_status not null default 'scheduled',
  scheduled_at rubis.moment not null,
  next_attempt_at rubis.moment,
  attempts rubis.attempts not null default 0,
  first_attempt_at rubis.moment,
  lease_expires_at rubis.moment,
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
  created_at rubis.moment not null default rubis.clock(),
  constraint checkin_task__pkey primary key (organization_id, checkin_task_id),
  constraint checkin_task__invoice foreign key (organization_id, invoice_id)
  references rubis.invoice (organization_id, invoice_id),
  constraint checkin_task__follows foreign key (organization_id, follows_checkin_task_id)
  references rubis.checkin_task (organization_id, checkin_task_id),
  constraint checkin_task__next_attempt check (
    (status = 'scheduled') = (next_attempt_at is not null)
  ),
  constraint checkin_task__lease check (
    (status = any('{queued,sending}')) = (lease_expires_at is not null)
  ),
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
  )
);
create unique index checkin_task__one_live on rubis.checkin_task (organization_id, invoice_id)
where status in ('scheduled', 'queued', 'sending', 'sent');
create index checkin_task__invoice_id on rubis.checkin_task (
  organization_id, invoice_id, checkin_task_id
);
create index checkin_task__follows_id on rubis.checkin_task (
  organization_id, follows_checkin_task_id
) where follows_checkin_task_id is not null;
create index checkin_task__contradicted on rubis.checkin_task (organization_id)
where contradicted_at is not null;
-- What the worker's tick looks for, in all organizations at once: so these are not tenant-first.
create index checkin_task__due on rubis.checkin_task (next_attempt_at) where status = 'scheduled';
create index checkin_task__leased on rubis.checkin_task (lease_expires_at)
where status in ('queued', 'sending');
create index checkin_task__expiring on rubis.checkin_task (expires_at) where status = 'sent';
create index checkin_task__proof_due on rubis.checkin_task (proof_due_at)
where proof_due_at is not null;
comment on table rubis.checkin_task is
  'The question "have you been paid?" about one invoice. At most one is live per invoice.';
comment on column rubis.checkin_task.scheduled_at is
  'When it is to be asked: the due date at the organization''s check-in time.';
comment on column rubis.checkin_task.next_attempt_at is
  'When the tick queues it; set only while scheduled. '
  'Later than scheduled_at after a failed attempt.';
comment on column rubis.checkin_task.attempts is 'Mails begun; one checkin_mail row each.';
comment on column rubis.checkin_task.first_attempt_at is 'Retries stop a day after this.';
comment on column rubis.checkin_task.lease_expires_at is
  'While queued or sending: after this the worker is given up for dead.';
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
