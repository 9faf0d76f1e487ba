-- One reminder to a client. At most one per invoice is ahead.

create table rubis.relance (
  organization_id bigint not null,
  relance_id bigint generated always as identity,
  invoice_id bigint not null,
  client_id bigint not null,
  due_on rubis.calendar_day not null,
  relance_plan_id bigint not null,
  step smallint not null,
  days_after_due rubis.days_after_due not null,
  tone rubis.tone not null,
  status rubis.relance_status not null default 'scheduled',
  scheduled_at rubis.moment not null,
  next_look_at rubis.moment,
  hold_reason text,
  sent_at rubis.moment,
  cancelled_at rubis.moment,
  cancel_reason text,
  created_at rubis.moment not null default rubis.clock(),
  constraint relance__pkey primary key (organization_id, relance_id),
  constraint relance__invoice foreign key (organization_id, invoice_id)
  references rubis.invoice (organization_id, invoice_id),
  constraint relance__client foreign key (organization_id, client_id)
  references rubis.client (organization_id, client_id),
  constraint relance__plan foreign key (organization_id, relance_plan_id)
  references rubis.relance_plan (organization_id, relance_plan_id),
  constraint relance__next_look check ((status = 'scheduled') = (next_look_at is not null)),
  constraint relance__hold_facts check ((status = 'held') = (hold_reason is not null)),
  constraint relance__sent_facts check ((status = 'sent') = (sent_at is not null)),
  constraint relance__cancel_facts check (
    (status = 'cancelled') = (cancelled_at is not null)
    and (cancelled_at is null) = (cancel_reason is null)
  )
);
create unique index relance__one_ahead on rubis.relance (organization_id, invoice_id)
where status in ('scheduled', 'held', 'sending', 'unconfirmed');
create index relance__invoice_id on rubis.relance (organization_id, invoice_id, relance_id);
create index relance__client_id on rubis.relance (organization_id, client_id);
create index relance__plan_id on rubis.relance (organization_id, relance_plan_id);
-- What waits for somebody, counted for /metrics.
create index relance__waiting on rubis.relance (status, hold_reason)
where status in ('held', 'unconfirmed');
-- What the tick of an organization looks at. Held rows are not in it.
create index relance__due on rubis.relance (organization_id, next_look_at)
where status = 'scheduled';
-- What Today lists: held, and left for the user to decide.
create index relance__held on rubis.relance (organization_id, scheduled_at)
include (hold_reason) where status = 'held';
create index relance__undecided on rubis.relance (organization_id, relance_id)
where status in ('failed', 'unconfirmed');
comment on table rubis.relance is
  'A reminder to the client. At most one per invoice is ahead; the ones after it are a forecast.';
comment on column rubis.relance.client_id is
  'Whom it is written to, for good: for another client of the invoice there is another relance.';
comment on column rubis.relance.due_on is
  'The invoice''s due date when it was scheduled: the term that it reminds of.';
comment on column rubis.relance.step is
  'The step of the plan it stands for; kept as it was, should the plan change.';
comment on column rubis.relance.days_after_due is
  'As in the plan when it was scheduled: the next step keeps its distance from this one.';
comment on column rubis.relance.next_look_at is
  'When the tick looks at it; set only while scheduled. Later than scheduled_at while it waits.';
comment on column rubis.relance.hold_reason is
  'Why it waits for somebody to act; it is looked at again when that is done.';
comment on column rubis.relance.scheduled_at is
  'When it is to leave, never within 24 h of the check-in.';
comment on column rubis.relance.cancel_reason is 'Why it will not leave, in words for a DBA.';
