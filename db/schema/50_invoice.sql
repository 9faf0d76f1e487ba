-- What is owed. All effects hang on this table's triggers (db/functions/triggers/invoice.sql).

create table rubis.invoice (
  organization_id bigint not null,
  invoice_id bigint generated always as identity,
  client_id bigint not null,
  user_id bigint not null,
  number rubis.name not null,
  issued_on rubis.calendar_day not null,
  due_on rubis.calendar_day not null,
  amount_cents rubis.amount_cents not null,
  currency rubis.currency not null default 'EUR',
  status rubis.invoice_status not null default 'open',
  paid_at rubis.moment,
  paid_via rubis.paid_via,
  cancelled_at rubis.moment,
  relances_off boolean not null default false,
  paused_until rubis.pause_day,
  pause_reason rubis.line,
  doubted_at rubis.moment,
  created_at rubis.moment not null default rubis.clock(),
  said_paid_at rubis.moment,
  schedule_version bigint not null default 1,
  is_sample boolean not null default false,
  removed_at rubis.moment,
  search_key text collate "C" not null generated always as (rubis.search_key(number)) stored,
  constraint invoice__pkey primary key (organization_id, invoice_id),
  constraint invoice__client foreign key (organization_id, client_id)
  references rubis.client (organization_id, client_id),
  constraint invoice__app_user foreign key (organization_id, user_id)
  references rubis.app_user (organization_id, user_id),
  constraint invoice__due_on check (due_on >= issued_on),
  constraint invoice__paid_facts check (
    (status = 'paid') = (paid_at is not null) and (paid_at is null) = (paid_via is null)
  ),
  constraint invoice__pause_facts check (paused_until is not null or pause_reason is null),
  constraint invoice__sample_facts check (relances_off or not is_sample),
  constraint invoice__removed_facts check (removed_at is null or is_sample and status <> 'open'),
  constraint invoice__cancelled_facts check ((status = 'cancelled') = (cancelled_at is not null))
);
create unique index invoice__number on rubis.invoice (organization_id, rubis.key(number))
where status <> 'cancelled';
create index invoice__created_at on rubis.invoice (organization_id, created_at, invoice_id);
create index invoice__status_created_at on rubis.invoice (
  organization_id, status, created_at, invoice_id
);
-- Lists by due date, searches, sums and counts: read without the rows.
create index invoice__due_on on rubis.invoice (
  organization_id, status, due_on, invoice_id
) include (client_id, currency, amount_cents, search_key, is_sample, removed_at);
-- Sums of what is owed and of what was received read these alone.
create index invoice__owed on rubis.invoice (organization_id, currency, due_on)
include (amount_cents) where status = 'open' and not is_sample;
create index invoice__received on rubis.invoice (organization_id, paid_at)
include (due_on, currency, amount_cents) where status = 'paid' and not is_sample;
-- The open invoices to be planned again: those below the organization's version.
create index invoice__schedule_version on rubis.invoice (
  organization_id, schedule_version, invoice_id
) where status = 'open';
-- What Today lists: paid was said of them, or their pause has an end.
create index invoice__said_paid on rubis.invoice (organization_id) where said_paid_at is not null;
create index invoice__paused_until on rubis.invoice (organization_id, paused_until)
where status = 'open' and paused_until is not null;
create index invoice__is_sample on rubis.invoice (organization_id) where is_sample;
create index invoice__client_id on rubis.invoice (organization_id, client_id);
create index invoice__user_id on rubis.invoice (organization_id, user_id);
comment on table rubis.invoice is
  'What a client owes. Insert it open and a check-in and a '
  'relance are scheduled; set its status and they are cancelled.';
comment on column rubis.invoice.user_id is
  'Who issued it and is asked; if not given, the organization''s first user.';
comment on column rubis.invoice.number is
  'The number the user gave it, as typed; unique by rubis.key among invoices not cancelled.';
comment on column rubis.invoice.amount_cents is 'In the minor unit of the currency.';
comment on column rubis.invoice.currency is 'ISO 4217 code.';
comment on column rubis.invoice.relances_off is 'Its client is never to be reminded of it.';
comment on column rubis.invoice.paused_until is
  'No relance until this day is over, such as the day a payment is promised for.';
comment on column rubis.invoice.paid_via is
  'How we know: check-in (a link), app (the same '
  'question answered in the app), manual (marked paid).';
comment on column rubis.invoice.doubted_at is
  'When it was last reopened, its facts changed, or its pause changed or lifted. What the owner '
  'said before counts no longer.';
comment on column rubis.invoice.said_paid_at is
  'When paid was clicked and did not count: contradicted, too late, or after pending. No letter '
  'leaves until the user has answered pending since; see rubis.said_paid.';
comment on column rubis.invoice.is_sample is
  'Made by api.ask_sample to try a question: no letter leaves for it, it earns no rubis and counts '
  'in no sum.';
comment on column rubis.invoice.removed_at is
  'When a sample was removed: it stays in the history, and no list shows it. Reopened, it is back.';
comment on column rubis.invoice.schedule_version is
  'The organization''s schedule_version that its question and relance are planned by, or a lower '
  'one; set by trigger, and by rubis.plan_again.';
comment on column rubis.invoice.search_key is
  'What the number is searched by: rubis.search_key.';
