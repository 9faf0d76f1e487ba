-- One message on its way. What it carries is decided when an attempt begins.

create table rubis.mail (
  organization_id bigint not null,
  mail_id bigint generated always as identity,
  kind rubis.mail_kind not null,
  user_id bigint,
  client_id bigint,
  address_key text,
  checkin_task_id bigint,
  data jsonb not null default '{}',
  status rubis.mail_status not null default 'scheduled',
  next_attempt_at rubis.moment,
  attempts rubis.attempts not null default 0,
  lease_expires_at rubis.moment,
  ended_at rubis.moment,
  end_reason text,
  created_at rubis.moment not null default rubis.clock(),
  constraint mail__pkey primary key (organization_id, mail_id),
  constraint mail__app_user foreign key (organization_id, user_id)
  references rubis.app_user (organization_id, user_id),
  constraint mail__client foreign key (organization_id, client_id)
  references rubis.client (organization_id, client_id),
  constraint mail__task foreign key (organization_id, checkin_task_id)
  references rubis.checkin_task (organization_id, checkin_task_id),
  constraint mail__recipient check (
    (user_id is null) = (kind = 'letter')
    and (client_id is null) = (kind <> 'letter')
    and (address_key is null) = (kind <> 'letter')
  ),
  constraint mail__said_paid_facts check ((checkin_task_id is null) = (kind <> 'said_paid')),
  constraint mail__unconfirmed_facts check (status <> 'unconfirmed' or kind = 'letter'),
  constraint mail__next_attempt check ((status = 'scheduled') = (next_attempt_at is not null)),
  constraint mail__lease check (
    (status = any('{queued,sending}')) = (lease_expires_at is not null)
  ),
  constraint mail__end_facts check (
    (status = any('{sent,failed,unconfirmed,cancelled}')) = (ended_at is not null)
    and (end_reason is null or ended_at is not null)
  )
);
-- One is on its way to a person: what falls due meanwhile joins it, or the next.
create unique index mail__one_to_user on rubis.mail (organization_id, user_id, kind)
where kind in ('questions', 'receipts') and status in ('scheduled', 'queued', 'sending');
create unique index mail__one_letter on rubis.mail (organization_id, address_key)
where kind = 'letter' and status in ('scheduled', 'queued', 'sending');
-- A question's links are told of once.
create unique index mail__one_said_paid on rubis.mail (organization_id, checkin_task_id)
where checkin_task_id is not null;
-- An organization is advised once.
create unique index mail__one_advice on rubis.mail (organization_id)
where kind = 'click_mode_advice';
create index mail__user_id on rubis.mail (organization_id, user_id, kind, mail_id)
where user_id is not null;
create index mail__client_id on rubis.mail (organization_id, client_id)
where client_id is not null;
create index mail__address_key on rubis.mail (organization_id, address_key, mail_id)
where address_key is not null;
create index mail__due on rubis.mail (organization_id, next_attempt_at) where status = 'scheduled';
create index mail__leased on rubis.mail (organization_id, lease_expires_at)
where status in ('queued', 'sending');
-- Those that may be forgotten: a chore reads them, of all organizations.
create index mail__ended_at on rubis.mail (ended_at)
where kind in (
    'verify_email', 'late_notice', 'reset_password', 'password_changed', 'change_email',
    'email_changing')
  or status in ('failed', 'cancelled');
comment on table rubis.mail is
  'One message to one address: to a user, or a letter to a client. It names no question or '
  'relance: an attempt carries what is due when it begins, and rubis.mail_item records it.';
comment on column rubis.mail.client_id is
  'Letters: the client first found due; others with the same address join.';
comment on column rubis.mail.address_key is 'Letters: rubis.key of the address that it is for.';
comment on column rubis.mail.checkin_task_id is
  'said_paid: the question whose link of paid was followed and did not count.';
comment on column rubis.mail.data is
  'late_notice: {"invoices": [number, ...], "began_at", "ended_at"}. said_paid: {"said_at"}. '
  'password_changed: {"changed_at"}. change_email, email_changing: {"address_change_id", '
  '"to_address", "new_email"}.';
comment on column rubis.mail.next_attempt_at is
  'When it is to be queued; set only while scheduled.';
comment on column rubis.mail.attempts is 'How often it was begun; one mail_attempt row each.';
comment on column rubis.mail.lease_expires_at is
  'While queued or sending: after this the worker is given up for dead.';
comment on column rubis.mail.ended_at is
  'When it was sent, failed, cancelled or became unconfirmed.';
comment on column rubis.mail.end_reason is 'Why it was not sent, in words for a DBA.';
