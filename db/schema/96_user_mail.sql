-- Mails to users that are not check-ins; rubis.user_mail_kind lists what they are for.

create table rubis.user_mail (
  organization_id bigint not null,
  user_mail_id bigint generated always as identity,
  user_id bigint not null,
  kind rubis.user_mail_kind not null,
  checkin_task_id bigint,
  data jsonb not null default '{}',
  status rubis.user_mail_status not null default 'scheduled',
  next_attempt_at rubis.moment,
  attempts rubis.attempts not null default 0,
  first_attempt_at rubis.moment,
  lease_expires_at rubis.moment,
  sent_at rubis.moment,
  failed_at rubis.moment,
  cancelled_at rubis.moment,
  created_at rubis.moment not null default rubis.clock(),
  constraint user_mail__pkey primary key (organization_id, user_mail_id),
  constraint user_mail__app_user foreign key (organization_id, user_id)
  references rubis.app_user (organization_id, user_id),
  constraint user_mail__task foreign key (organization_id, checkin_task_id)
  references rubis.checkin_task (organization_id, checkin_task_id),
  constraint user_mail__receipt_facts check (
    (kind in ('answer_receipt', 'said_paid')) = (checkin_task_id is not null)
  ),
  constraint user_mail__next_attempt check ((status = 'scheduled') = (next_attempt_at is not null)),
  constraint user_mail__lease check (
    (status = any('{queued,sending}')) = (lease_expires_at is not null)
  ),
  constraint user_mail__sent_facts check ((status = 'sent') = (sent_at is not null)),
  constraint user_mail__failed_facts check ((status = 'failed') = (failed_at is not null)),
  constraint user_mail__cancelled_facts check ((status = 'cancelled') = (cancelled_at is not null))
);
create index user_mail__user_id on rubis.user_mail (organization_id, user_id, user_mail_id);
create index user_mail__task_id on rubis.user_mail (organization_id, checkin_task_id)
where checkin_task_id is not null;
-- A question's links are told of once.
create unique index user_mail__one_said_paid on rubis.user_mail (organization_id, checkin_task_id)
where kind = 'said_paid';
-- An organization is advised once.
create unique index user_mail__one_advice on rubis.user_mail (organization_id)
where kind = 'click_mode_advice';
-- What a tick looks for, in all organizations at once: so these two are not tenant-first.
create index user_mail__due on rubis.user_mail (next_attempt_at) where status = 'scheduled';
create index user_mail__leased on rubis.user_mail (lease_expires_at)
where status in ('queued', 'sending');
comment on table rubis.user_mail is 'A mail to a user that is no check-in.';
comment on column rubis.user_mail.data is
  'What the mail tells: for late_notice {"invoices": [number, ...], "began_at", "ended_at"}; for '
  'answer_receipt {"answered_at", "number", "client_name", "amount_cents", "currency"}; for '
  'said_paid the same with "said_at".';
comment on column rubis.user_mail.checkin_task_id is
  'The check-in whose answer an answer_receipt confirms, or whose link of paid said_paid tells of.';
