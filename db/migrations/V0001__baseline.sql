-- Generated from db/schema by `make baseline`: do not edit.

-- db/schema/00_schemas.sql

-- One schema per audience. rubis itself was made by pgmigrate, which keeps its list of applied
-- migrations there. rubis.clock() exists already: migrations.yml runs its file before the first
-- migration, since defaults call it.

create schema if not exists rubis;
comment on schema rubis is 'Tables and internal functions. Only the owner has a privilege here.';

create schema api;
comment on schema api is 'What the HTTP API may call: token-first functions, granted to rubis_api.';

create schema worker;
comment on schema worker is 'What the worker may call, granted to rubis_worker.';

create schema audit;
comment on schema audit is
  'Views for DBAs, granted to rubis_auditor. audit.rule_* '
  'must be empty; docs/dba.md walks through all of them.';

create type rubis.actor as (organization_id bigint, user_id bigint);
comment on type rubis.actor is 'Who calls: what rubis.require_actor finds behind an access token.';

create type rubis.verdict as (verdict text, reason text, until timestamptz);
comment on type rubis.verdict is
  'Whether a relance may leave: leave; wait, until a moment '
  'that is known; hold, until somebody acts. With the reason.';

create type rubis.checkin_link as (
  organization_id bigint, invoice_id bigint, checkin_task_id bigint, checkin_mail_id bigint,
  user_mail_attempt_id bigint,
  to_address text, mailed_at timestamptz, answered_at timestamptz
);
comment on type rubis.checkin_link is
  'What rubis.find_link finds behind a token: one of checkin_mail_id '
  'and, with the answer it confirms, user_mail_attempt_id.';

create type rubis.failure_outcome as (status text, cancel_reason text, event_kind text);
comment on type rubis.failure_outcome is
  'What becomes of a relance whose letter failed, and the event that tells it, if any.';

-- db/schema/01_domains.sql

-- The rules of single columns, said once for all tables. Rules among columns are CHECKs of their
-- table. PostgreSQL keeps a domain's rule ready and checks only values that are written; it parses
-- a CHECK again in every statement that writes a row (docs/performance.md).
-- squawk advises against constraints on domains, since changing one is hard. These do not change:
-- a new rule is a new domain.
-- Each check asks its rule first and calls rubis.refuse_value only for a value that breaks it.

-- Texts.

-- \u2028 and \u2029 are Unicode's line and paragraph separators; \u0080 to \u009f its second block
-- of control characters.
create domain rubis.line as text
  -- squawk-ignore ban-create-domain-with-constraint
  constraint line__one_line check (
    case when (
      value = btrim(value)
      and length(value) between 1 and 200
      and value !~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029]'
    ) is false then rubis.refuse_value('rubis.line', value) else true end
  );
comment on domain rubis.line is
  'One line of text of 1 to 200 characters, without control '
  'characters, so that it can stand in a mail header.';

create domain rubis.email as text
  -- squawk-ignore ban-create-domain-with-constraint
  constraint email__form check (
    case when (
      value ~ '^[^@[:space:][:cntrl:]]+@[^@[:space:][:cntrl:]]+$' and length(value) <= 254
    ) is false then rubis.refuse_value('rubis.email', value) else true end
  );
comment on domain rubis.email is
  'A mail address, at most 254 characters (RFC 5321). Only a mail shows whether it exists.';

create domain rubis.locale as text
  -- squawk-ignore ban-create-domain-with-constraint
  constraint locale__known check (
    case when (value in ('fr', 'en')) is false
      then rubis.refuse_value('rubis.locale', value) else true end
  );
comment on domain rubis.locale is 'The language of mails and pages.';

create domain rubis.currency as text
  -- squawk-ignore ban-create-domain-with-constraint
  constraint currency__form check (
    case when (value ~ '^[A-Z]{3}$') is false
      then rubis.refuse_value('rubis.currency', value) else true end
  );
comment on domain rubis.currency is 'ISO 4217 code.';

create domain rubis.user_agent as text
  -- squawk-ignore ban-create-domain-with-constraint
  constraint user_agent__length check (
    case when (length(value) <= 500) is false
      then rubis.refuse_value('rubis.user_agent', value) else true end
  );
comment on domain rubis.user_agent is 'The User-Agent of a browser, cut to 500 characters.';

-- Numbers, days and hashes.

create domain rubis.amount_cents as bigint
  -- squawk-ignore ban-create-domain-with-constraint
  constraint amount_cents__range check (
    case when (value between 1 and 1000000000000) is false
      then rubis.refuse_value('rubis.amount_cents', value::text) else true end
  );
comment on domain rubis.amount_cents is
  'An amount that is owed, in the minor unit of its currency.';

create domain rubis.calendar_day as date
  -- squawk-ignore ban-create-domain-with-constraint
  constraint calendar_day__range check (
    case when (value between '1970-01-01' and '2999-12-31') is false
      then rubis.refuse_value('rubis.calendar_day', value::text) else true end
  );
comment on domain rubis.calendar_day is
  'A day on an invoice. The range catches a year with a digit too many or too few.';

create domain rubis.sha256 as bytea
  -- squawk-ignore ban-create-domain-with-constraint
  constraint sha256__length check (
    case when (octet_length(value) = 32) is false
      then rubis.refuse_value('rubis.sha256', null) else true end
  );
comment on domain rubis.sha256 is
  'SHA-256 of the 43 base64url characters of a token, which itself is never stored.';

-- Words. Those of a status are also the ones that rubis.state_transition moves among
-- (audit.rule_status_mapped).

create domain rubis.invoice_status as text
  -- squawk-ignore ban-create-domain-with-constraint
  constraint invoice_status__known check (
    case when (value in ('open', 'paid', 'cancelled')) is false
      then rubis.refuse_value('rubis.invoice_status', value) else true end
  );
comment on domain rubis.invoice_status is 'Where an invoice stands.';

create domain rubis.paid_via as text
  -- squawk-ignore ban-create-domain-with-constraint
  constraint paid_via__known check (
    case when (value in ('check-in', 'app', 'manual')) is false
      then rubis.refuse_value('rubis.paid_via', value) else true end
  );
comment on domain rubis.paid_via is 'How we know of a payment.';

create domain rubis.checkin_status as text
  -- squawk-ignore ban-create-domain-with-constraint
  constraint checkin_status__known check (
    case when (
      value in (
        'scheduled', 'queued', 'sending', 'sent', 'answered', 'expired', 'failed', 'cancelled'
      )
    ) is false then rubis.refuse_value('rubis.checkin_status', value) else true end
  );
comment on domain rubis.checkin_status is 'Where a check-in stands.';

create domain rubis.checkin_answer as text
  -- squawk-ignore ban-create-domain-with-constraint
  constraint checkin_answer__known check (
    case when (value in ('paid', 'still_pending')) is false
      then rubis.refuse_value('rubis.checkin_answer', value) else true end
  );
comment on domain rubis.checkin_answer is 'What the user said.';

create domain rubis.answered_via as text
  -- squawk-ignore ban-create-domain-with-constraint
  constraint answered_via__known check (
    case when (value in ('link', 'page', 'app')) is false
      then rubis.refuse_value('rubis.answered_via', value) else true end
  );
comment on domain rubis.answered_via is 'How the user answered.';

create domain rubis.click_via as text
  -- squawk-ignore ban-create-domain-with-constraint
  constraint click_via__known check (
    case when (value in ('link', 'page')) is false
      then rubis.refuse_value('rubis.click_via', value) else true end
  );
comment on domain rubis.click_via is 'How a click was made.';

create domain rubis.click_answer as text
  -- squawk-ignore ban-create-domain-with-constraint
  constraint click_answer__known check (
    case when (value in ('paid', 'pending')) is false
      then rubis.refuse_value('rubis.click_answer', value) else true end
  );
comment on domain rubis.click_answer is 'What a link or button asks for.';

create domain rubis.click_outcome as text
  -- squawk-ignore ban-create-domain-with-constraint
  constraint click_outcome__known check (
    case when (
      value in (
        'paid', 'pending', 'already_answered', 'expired', 'asked_again', 'contradicted', 'confirm',
        'undone', 'unchanged'
      )
    ) is false then rubis.refuse_value('rubis.click_outcome', value) else true end
  );
comment on domain rubis.click_outcome is 'What a click led to.';

create domain rubis.click_mode as text
  -- squawk-ignore ban-create-domain-with-constraint
  constraint click_mode__known check (
    case when (value in ('direct', 'confirm')) is false
      then rubis.refuse_value('rubis.click_mode', value) else true end
  );
comment on domain rubis.click_mode is 'What the links of a check-in mail do.';

create domain rubis.relance_status as text
  -- squawk-ignore ban-create-domain-with-constraint
  constraint relance_status__known check (
    case when (
      value in (
        'scheduled', 'held', 'queued', 'sending', 'sent', 'failed', 'unconfirmed', 'cancelled'
      )
    ) is false then rubis.refuse_value('rubis.relance_status', value) else true end
  );
comment on domain rubis.relance_status is 'Where a relance stands.';

create domain rubis.tone as text
  -- squawk-ignore ban-create-domain-with-constraint
  constraint tone__known check (
    case when (value in ('courteous', 'firm', 'formal_notice')) is false
      then rubis.refuse_value('rubis.tone', value) else true end
  );
comment on domain rubis.tone is 'How a relance speaks to the client.';

create domain rubis.failure_class as text
  -- squawk-ignore ban-create-domain-with-constraint
  constraint failure_class__known check (
    case when (value in ('temporary', 'refused', 'operator', 'unknown')) is false
      then rubis.refuse_value('rubis.failure_class', value) else true end
  );
comment on domain rubis.failure_class is
  'Why a mail was not accepted. The columns of this domain say what follows.';

create domain rubis.event_kind as text
  -- squawk-ignore ban-create-domain-with-constraint
  constraint event_kind__known check (
    case when (
      value in (
        'invoice_created', 'invoice_changed', 'invoice_paid', 'invoice_cancelled',
        'invoice_reopened',
        'checkin_sent', 'checkin_answered', 'checkin_expired', 'checkin_failed',
        'checkin_contradicted', 'checkin_undone',
        'relance_sent', 'relance_failed', 'relance_refused', 'relance_unconfirmed',
        'relance_confirmed', 'relance_resent',
        'relances_paused', 'relances_resumed'
      )
    ) is false then rubis.refuse_value('rubis.event_kind', value) else true end
  );
comment on domain rubis.event_kind is 'What the user reads in the history.';

create domain rubis.user_mail_status as text
  -- squawk-ignore ban-create-domain-with-constraint
  constraint user_mail_status__known check (
    case when (value in ('scheduled', 'queued', 'sending', 'sent', 'failed', 'cancelled')) is false
      then rubis.refuse_value('rubis.user_mail_status', value) else true end
  );
comment on domain rubis.user_mail_status is 'Where a mail to a user stands.';

create domain rubis.user_mail_kind as text
  -- squawk-ignore ban-create-domain-with-constraint
  constraint user_mail_kind__known check (
    case when (
      value in ('verify_email', 'late_notice', 'answer_receipt', 'click_mode_advice')
    ) is false then rubis.refuse_value('rubis.user_mail_kind', value) else true end
  );
comment on domain rubis.user_mail_kind is
  'What a mail to a user is for: the proof of an address, the notice of what was late, the receipt '
  'of an answer of paid, the advice to change click_mode. The one list of them.';

create domain rubis.draft_status as text
  -- squawk-ignore ban-create-domain-with-constraint
  constraint draft_status__known check (
    case when (value in ('pending', 'validated', 'discarded')) is false
      then rubis.refuse_value('rubis.draft_status', value) else true end
  );
comment on domain rubis.draft_status is 'Where an import draft stands.';

create domain rubis.outage_kind as text
  -- squawk-ignore ban-create-domain-with-constraint
  constraint outage_kind__known check (
    case when (value in ('ticks', 'mail')) is false
      then rubis.refuse_value('rubis.outage_kind', value) else true end
  );
comment on domain rubis.outage_kind is 'What failed: the ticks of the worker, or the mail server.';

-- db/schema/05_deployment.sql

-- What was deployed here. rubis migrate compares it with its files and refuses what it does not
-- know.

create table rubis.deployment (
  component text not null,
  release text not null,
  checksum text not null,
  deployed_at timestamptz not null default rubis.clock(),
  constraint deployment__pkey primary key (component)
);
comment on table rubis.deployment is
  'What rubis migrate has deployed: one row per migration file, '
  'one for functions, one for queue. Written by functions/end.sql.';
comment on column rubis.deployment.component is
  'The name of a migration''s file; functions; queue (Procrastinate''s objects).';
comment on column rubis.deployment.release is
  'The release of rubis that deployed it; for queue the '
  'last of Procrastinate''s migrations it contains.';
comment on column rubis.deployment.checksum is 'SHA-256, in hexadecimal, of the file or files.';

-- db/schema/10_state_transition.sql

-- The legal moves of every status column. rubis.guard_status enforces them for every writer.

create table rubis.state_transition (
  entity text not null,
  from_status text not null,
  to_status text not null,
  note text not null,
  constraint state_transition__pkey primary key (entity, from_status, to_status),
  constraint state_transition__moves check (from_status <> to_status)
);
comment on table rubis.state_transition is
  'The state map: one row per legal move of a status. Anything else is refused with RB409.';
comment on column rubis.state_transition.entity is 'The table whose status moves.';
comment on column rubis.state_transition.from_status is
  'The status before, or (new) for an insert.';

insert into rubis.state_transition (entity, from_status, to_status, note) values
  ('invoice', '(new)', 'open', 'issued and awaited'),
  ('invoice', 'open', 'paid', 'settled: by a click, by hand, or by a DBA'),
  ('invoice', 'open', 'cancelled', 'withdrawn; its number is free again'),
  ('invoice', 'paid', 'open', 'reopened: the payment was a mistake'),
  ('invoice', 'cancelled', 'open', 'reopened: the withdrawal was a mistake'),
  ('checkin_task', '(new)', 'scheduled', 'waits for next_attempt_at'),
  ('checkin_task', 'scheduled', 'queued', 'due: a job is in the queue'),
  ('checkin_task', 'scheduled', 'answered',
    'answered in the app before it was asked, or by a link of unknown fate'),
  ('checkin_task', 'scheduled', 'cancelled', 'invoice settled, withdrawn or changed'),
  ('checkin_task', 'scheduled', 'sent', 'a slow worker came back: its mail was accepted after all'),
  ('checkin_task', 'queued', 'sent', 'the same, while it waited in the queue'),
  ('checkin_task', 'queued', 'scheduled', 'the lease ran out: no worker took the job'),
  ('checkin_task', 'queued', 'sending', 'a worker has begun'),
  ('checkin_task', 'queued', 'answered', 'answered while it waited'),
  ('checkin_task', 'queued', 'cancelled', 'invoice settled, withdrawn or changed'),
  ('checkin_task', 'sending', 'sent', 'the mail was accepted'),
  ('checkin_task', 'sending', 'scheduled', 'to be tried again'),
  ('checkin_task', 'sending', 'failed', 'refused, or a day of failures'),
  ('checkin_task', 'sending', 'answered', 'answered before the acceptance was recorded'),
  ('checkin_task', 'sending', 'cancelled', 'invoice settled, withdrawn or changed'),
  ('checkin_task', 'sent', 'answered', 'the user answered'),
  ('checkin_task', 'sent', 'expired', '24 h without an answer'),
  ('checkin_task', 'sent', 'cancelled', 'invoice settled, withdrawn or changed'),
  ('checkin_task', 'answered', 'sent',
    'the answer was taken back: contradicted, or undone by the user'),
  ('checkin_task', 'failed', 'answered',
    'answered in the app, or by a link that arrived after all'),
  ('relance', '(new)', 'scheduled', 'waits for next_attempt_at'),
  ('relance', 'scheduled', 'held', 'may not leave yet'),
  ('relance', 'scheduled', 'queued', 'due: a job is in the queue'),
  ('relance', 'scheduled', 'cancelled', 'invoice settled or withdrawn'),
  ('relance', 'held', 'scheduled', 'the hold was lifted'),
  ('relance', 'held', 'cancelled', 'invoice settled or withdrawn'),
  ('relance', 'queued', 'scheduled', 'the lease ran out: no worker took the job'),
  ('relance', 'queued', 'held', 'may not leave after all: the verdict at the moment of sending'),
  ('relance', 'queued', 'sending', 'a worker has begun'),
  ('relance', 'queued', 'cancelled', 'invoice settled or withdrawn'),
  ('relance', 'sending', 'sent', 'the mail was accepted'),
  ('relance', 'sending', 'scheduled', 'to be tried again'),
  ('relance', 'sending', 'failed', 'a day of failures'),
  ('relance', 'sending', 'unconfirmed', 'handed over, fate unknown: the user decides'),
  ('relance', 'sending', 'cancelled',
    'the client''s address was refused, or the invoice settled meanwhile'),
  ('relance', 'failed', 'scheduled', 'the user asked to send it again'),
  ('relance', 'unconfirmed', 'sent', 'the user confirmed it'),
  ('relance', 'unconfirmed', 'scheduled', 'the user asked to send it again'),
  ('relance', 'unconfirmed', 'cancelled', 'invoice settled or withdrawn'),
  ('relance', 'cancelled', 'unconfirmed', 'invoice reopened: its fate is still unknown'),
  ('relance', 'scheduled', 'sent', 'thought lost, but it was accepted'),
  ('relance', 'held', 'sent', 'thought lost, but it was accepted'),
  ('relance', 'queued', 'sent', 'thought lost, but it was accepted'),
  ('relance', 'failed', 'sent', 'thought lost, but it was accepted'),
  ('relance', 'cancelled', 'sent', 'thought lost, but it was accepted'),
  ('user_mail', '(new)', 'scheduled', 'waits for next_attempt_at'),
  ('user_mail', 'scheduled', 'queued', 'due: a job is in the queue'),
  ('user_mail', 'queued', 'scheduled', 'the lease ran out: no worker took the job'),
  ('user_mail', 'scheduled', 'cancelled', 'the answer it confirms was taken back'),
  ('user_mail', 'queued', 'cancelled', 'the answer it confirms was taken back'),
  ('user_mail', 'queued', 'sending', 'a worker has begun'),
  ('user_mail', 'sending', 'sent', 'the mail was accepted'),
  ('user_mail', 'sending', 'scheduled', 'to be tried again'),
  ('user_mail', 'sending', 'failed', 'refused, or a day of failures'),
  ('import_draft', '(new)', 'pending', 'waits for the user'),
  ('import_draft', 'pending', 'validated', 'became an invoice'),
  ('import_draft', 'pending', 'discarded', 'discarded by the user');

-- db/schema/15_public_holiday.sql

-- Days on which no relance leaves. Filled by the worker from the library holidays.

create table rubis.public_holiday (
  country text not null,
  day date not null,
  name text not null,
  constraint public_holiday__pkey primary key (country, day)
);
comment on table rubis.public_holiday is
  'Public holidays by country (ISO 3166-1), for the years in rubis.holiday_year.';

-- db/schema/16_holiday_year.sql

-- Which years' public holidays are known: a country may have a year without any.

create table rubis.holiday_year (
  country text not null,
  year smallint not null,
  filled_at timestamptz not null default rubis.clock(),
  constraint holiday_year__pkey primary key (country, year)
);
comment on table rubis.holiday_year is
  'The years whose public holidays are in rubis.public_holiday. In other years no relance leaves.';

-- db/schema/20_organization.sql

-- The tenant. Its id is first in every key of every tenant table.

create table rubis.organization (
  organization_id bigint generated always as identity,
  name rubis.line not null,
  locale rubis.locale not null default 'fr',
  time_zone text not null default 'Europe/Paris',
  checkin_time time(0) not null default '09:00',
  relance_time time(0) not null default '10:00',
  country text not null default 'FR',
  signature text,
  late_penalty_rate numeric(5, 2),
  daily_relance_quota int not null default 200,
  click_mode rubis.click_mode not null default 'direct',
  contradiction_seconds int not null default 60,
  answer_receipts boolean not null default true,
  created_at timestamptz not null default rubis.clock(),
  constraint organization__pkey primary key (organization_id),
  constraint organization__checkin_time check (checkin_time < '24:00'),
  constraint organization__relance_time check (relance_time < '24:00'),
  constraint organization__country check (country ~ '^[A-Z]{2}$'),
  constraint organization__signature check (
    length(signature) between 1 and 1000
      and signature !~ '[\u0001-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]'
  ),
  constraint organization__late_penalty_rate check (late_penalty_rate between 0 and 100),
  constraint organization__daily_relance_quota check (daily_relance_quota between 0 and 100000),
  constraint organization__contradiction_seconds check (contradiction_seconds between 1 and 3600)
);
comment on table rubis.organization is
  'The tenant: a freelancer or a small firm. Its rubis are the sum of its rubis_entry rows.';
comment on column rubis.organization.locale is 'Language of its mails: fr or en.';
comment on column rubis.organization.time_zone is
  'A name of the tz database such as Europe/Paris; checked by trigger.';
comment on column rubis.organization.checkin_time is
  'Local time of day at which check-ins are asked.';
comment on column rubis.organization.relance_time is 'Local time of day at which relances leave.';
comment on column rubis.organization.country is
  'ISO 3166-1 code: whose public holidays count, and whose law the letters cite.';
comment on column rubis.organization.signature is
  'Ends the letters to clients; several lines, or null for the user''s name.';
comment on column rubis.organization.late_penalty_rate is
  'Yearly rate in per cent, as on the invoices; cited to '
  'businesses in France (Code de commerce, article L441-10).';
comment on column rubis.organization.daily_relance_quota is
  'Relances that may leave in a local day, set by the operator: '
  'an abused account must not become a relay for spam.';
comment on column rubis.organization.click_mode is
  'What the links of a check-in mail do: direct (one click '
  'answers) or confirm (they open a page whose button answers).';
comment on column rubis.organization.contradiction_seconds is
  'Both links of a check-in followed within this time: '
  'that was a machine, and the first answer is taken back.';
comment on column rubis.organization.answer_receipts is
  'Whether a mail confirms an answer of paid given by mail or on '
  'its page, so that the user notices an answer given by a machine.';

-- db/schema/21_app_user.sql

-- The person who issues invoices and receives check-ins.

create table rubis.app_user (
  organization_id bigint not null,
  user_id bigint generated always as identity,
  email rubis.email not null,
  full_name rubis.line not null,
  password_hash text not null,
  email_proven_at timestamptz,
  release_due boolean not null default false,
  created_at timestamptz not null default rubis.clock(),
  constraint app_user__pkey primary key (organization_id, user_id),
  constraint app_user__organization foreign key (organization_id)
  references rubis.organization (organization_id),
  constraint app_user__password_hash check (password_hash like '$argon2id$%')
);
-- Sign-in by e-mail comes before the organization is known, so this one key is not tenant-first.
create unique index app_user__email on rubis.app_user (lower(email));
comment on table rubis.app_user is
  'A person who issues invoices. Receives the check-ins of the invoices issued.';
comment on column rubis.app_user.email is
  'Unique without regard to case. RFC 5321 allows 254 characters.';
create index app_user__release_due on rubis.app_user (organization_id, user_id) where release_due;
comment on column rubis.app_user.email_proven_at is
  'When somebody first followed a link mailed to this address. '
  'Until then no relance leaves in this user''s name.';
comment on column rubis.app_user.release_due is
  'The tick has yet to let go the relances that waited for the proof.';
comment on column rubis.app_user.password_hash is
  'argon2id in PHC string format, made and verified by the API.';

-- db/schema/22_access_token.sql

-- The right to call the API for half an hour.

create table rubis.access_token (
  organization_id bigint not null,
  access_token_id bigint generated always as identity,
  user_id bigint not null,
  session_id uuid not null,
  token_hash rubis.sha256 not null,
  created_at timestamptz not null default rubis.clock(),
  expires_at timestamptz not null,
  constraint access_token__pkey primary key (organization_id, access_token_id),
  constraint access_token__app_user foreign key (organization_id, user_id)
  references rubis.app_user (organization_id, user_id)
);
-- The hash is looked up before the organization is known, so this key is not tenant-first.
create unique index access_token__token_hash on rubis.access_token (token_hash);
create index access_token__user on rubis.access_token (organization_id, user_id);
create index access_token__session on rubis.access_token (organization_id, session_id);
create index access_token__expires_at on rubis.access_token (expires_at);
comment on table rubis.access_token is 'Bearer tokens of the API, by SHA-256 only.';
comment on column rubis.access_token.session_id is
  'One sign-in: the family revoked as a whole when its refresh token is used twice.';
comment on column rubis.access_token.token_hash is
  'SHA-256 of the 43 base64url characters of the token.';

-- db/schema/23_refresh_token.sql

-- The right to a new access token for thirty days; each use replaces it.

create table rubis.refresh_token (
  organization_id bigint not null,
  refresh_token_id bigint generated always as identity,
  user_id bigint not null,
  session_id uuid not null,
  token_hash rubis.sha256 not null,
  created_at timestamptz not null default rubis.clock(),
  expires_at timestamptz not null,
  used_at timestamptz,
  revoked_at timestamptz,
  constraint refresh_token__pkey primary key (organization_id, refresh_token_id),
  constraint refresh_token__app_user foreign key (organization_id, user_id)
  references rubis.app_user (organization_id, user_id)
);
-- The hash is looked up before the organization is known, so this key is not tenant-first.
create unique index refresh_token__token_hash on rubis.refresh_token (token_hash);
create index refresh_token__user on rubis.refresh_token (organization_id, user_id);
create index refresh_token__session on rubis.refresh_token (organization_id, session_id);
create index refresh_token__expires_at on rubis.refresh_token (expires_at);
comment on table rubis.refresh_token is
  'Refresh tokens, by SHA-256 only, rotated at each use; a '
  'second use revokes the session (RFC 9700, section 4.14).';
comment on column rubis.refresh_token.used_at is 'When it was exchanged for the next one.';
comment on column rubis.refresh_token.revoked_at is
  'Signed out, or the session was revoked because a token was used twice.';

-- db/schema/25_relance_plan.sql

-- When an organization reminds its clients, and in what tone.

create table rubis.relance_plan (
  organization_id bigint not null,
  relance_plan_id bigint generated always as identity,
  name rubis.line not null,
  is_default boolean not null default false,
  created_at timestamptz not null default rubis.clock(),
  constraint relance_plan__pkey primary key (organization_id, relance_plan_id),
  constraint relance_plan__organization foreign key (organization_id)
  references rubis.organization (organization_id)
);
-- An expression, also so that a new name is no new key: the foreign keys of relances need not wait
-- for it.
create unique index relance_plan__name on rubis.relance_plan (organization_id, lower(name));
create unique index relance_plan__one_default on rubis.relance_plan (organization_id)
where is_default;
comment on table rubis.relance_plan is
  'A sequence of steps. Every organization is born with a default plan.';

-- db/schema/26_relance_plan_step.sql

-- One reminder of a plan.

create table rubis.relance_plan_step (
  organization_id bigint not null,
  relance_plan_id bigint not null,
  step smallint not null,
  days_after_due smallint not null,
  tone rubis.tone not null,
  constraint relance_plan_step__pkey primary key (organization_id, relance_plan_id, step),
  constraint relance_plan_step__plan foreign key (organization_id, relance_plan_id)
  references rubis.relance_plan (organization_id, relance_plan_id),
  constraint relance_plan_step__step check (step >= 1),
  constraint relance_plan_step__days_after_due check (days_after_due between 1 and 365),
  constraint relance_plan_step__days_distinct unique (
    organization_id, relance_plan_id, days_after_due)
  deferrable initially immediate
);
comment on table rubis.relance_plan_step is
  'One reminder of a plan: how long after the due date, and in what tone.';
comment on column rubis.relance_plan_step.days_after_due is
  'Calendar days after the due date; at least one, for the check-in comes first.';

-- db/schema/30_client.sql

-- Who owes the invoices of an organization.

create table rubis.client (
  organization_id bigint not null,
  client_id bigint generated always as identity,
  name rubis.line not null,
  email rubis.email,
  locale rubis.locale,
  is_business boolean not null default false,
  relance_plan_id bigint,
  relances_off boolean not null default false,
  paused_until date,
  pause_reason rubis.line,
  created_at timestamptz not null default rubis.clock(),
  constraint client__pkey primary key (organization_id, client_id),
  constraint client__organization foreign key (organization_id)
  references rubis.organization (organization_id),
  constraint client__relance_plan foreign key (organization_id, relance_plan_id)
  references rubis.relance_plan (organization_id, relance_plan_id),
  constraint client__pause_facts check (paused_until is not null or pause_reason is null)
);
create unique index client__name_email on rubis.client (
  organization_id, lower(name), lower(coalesce(email, ''))
);
create index client__relance_plan_id on rubis.client (organization_id, relance_plan_id)
where relance_plan_id is not null;
create index client__created_at on rubis.client (organization_id, created_at, client_id);
comment on table rubis.client is 'Who owes invoices; receives relances, never check-ins.';
comment on column rubis.client.locale is
  'Language of the letters to this client; null for the organization''s.';
comment on column rubis.client.is_business is
  'Whether the law on late payment between businesses may be cited.';
comment on column rubis.client.relance_plan_id is 'A plan of its own; null for the default.';
comment on column rubis.client.relances_off is 'Never to be reminded.';
comment on column rubis.client.paused_until is
  'No relance until this day is over; infinity until resumed.';
comment on column rubis.client.email is 'Where relances go; without it none can leave.';

-- db/schema/50_invoice.sql

-- What is owed. All effects hang on this table's triggers (db/functions/triggers/invoice.sql).

create table rubis.invoice (
  organization_id bigint not null,
  invoice_id bigint generated always as identity,
  client_id bigint not null,
  user_id bigint not null,
  number rubis.line not null,
  issued_on rubis.calendar_day not null,
  due_on rubis.calendar_day not null,
  amount_cents rubis.amount_cents not null,
  currency rubis.currency not null default 'EUR',
  status rubis.invoice_status not null default 'open',
  paid_at timestamptz,
  paid_via rubis.paid_via,
  cancelled_at timestamptz,
  relances_off boolean not null default false,
  paused_until date,
  pause_reason rubis.line,
  created_at timestamptz not null default rubis.clock(),
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
  constraint invoice__cancelled_facts check ((status = 'cancelled') = (cancelled_at is not null))
);
create unique index invoice__number on rubis.invoice (organization_id, number)
where status <> 'cancelled';
create index invoice__created_at on rubis.invoice (organization_id, created_at, invoice_id);
create index invoice__status_created_at on rubis.invoice (
  organization_id, status, created_at, invoice_id
);
create index invoice__client_id on rubis.invoice (organization_id, client_id);
create index invoice__user_id on rubis.invoice (organization_id, user_id);
comment on table rubis.invoice is
  'What a client owes. Insert it open and a check-in and a '
  'relance are scheduled; set its status and they are cancelled.';
comment on column rubis.invoice.user_id is
  'Who issued it and is asked; if not given, the organization''s first user.';
comment on column rubis.invoice.number is
  'The number the user gave it; unique among invoices not cancelled.';
comment on column rubis.invoice.amount_cents is 'In the minor unit of the currency.';
comment on column rubis.invoice.currency is 'ISO 4217 code.';
comment on column rubis.invoice.relances_off is 'Its client is never to be reminded of it.';
comment on column rubis.invoice.paused_until is
  'No relance until this day is over, such as the day a payment is promised for.';
comment on column rubis.invoice.paid_via is
  'How we know: check-in (a link), app (the same '
  'question answered in the app), manual (marked paid).';

-- db/schema/60_checkin_task.sql

-- The question asked about one invoice.

create table rubis.checkin_task (
  organization_id bigint not null,
  checkin_task_id bigint generated always as identity,
  invoice_id bigint not null,
  status rubis.checkin_status not null default 'scheduled',
  scheduled_at timestamptz not null,
  next_attempt_at timestamptz,
  attempts int not null default 0,
  first_attempt_at timestamptz,
  lease_expires_at timestamptz,
  sent_at timestamptz,
  expires_at timestamptz,
  answer rubis.checkin_answer,
  answered_at timestamptz,
  answered_via rubis.answered_via,
  ended_at timestamptz,
  end_reason text,
  follows_checkin_task_id bigint,
  contradicted_at timestamptz,
  undone_at timestamptz,
  created_at timestamptz not null default rubis.clock(),
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
-- What the worker's tick looks for, in all organizations at once: so these three are not
-- tenant-first.
create index checkin_task__due on rubis.checkin_task (next_attempt_at) where status = 'scheduled';
create index checkin_task__leased on rubis.checkin_task (lease_expires_at)
where status in ('queued', 'sending');
create index checkin_task__expiring on rubis.checkin_task (expires_at) where status = 'sent';
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

-- db/schema/61_checkin_mail.sql

-- One row per mail attempted; the token's hash lives here, for one question may be mailed twice.

create table rubis.checkin_mail (
  organization_id bigint not null,
  checkin_mail_id bigint generated always as identity,
  checkin_task_id bigint not null,
  token_hash rubis.sha256 not null,
  to_address text not null,
  attempted_at timestamptz not null default rubis.clock(),
  accepted_at timestamptz,
  message_id text,
  failed_at timestamptz,
  failure_class rubis.failure_class,
  failure_detail text,
  constraint checkin_mail__pkey primary key (organization_id, checkin_mail_id),
  constraint checkin_mail__task foreign key (organization_id, checkin_task_id)
  references rubis.checkin_task (organization_id, checkin_task_id),
  constraint checkin_mail__failure_facts check ((failure_class is null) = (failed_at is null)),
  constraint checkin_mail__one_fate check (accepted_at is null or failed_at is null)
);
-- A click knows only the token, so this key is not tenant-first.
create unique index checkin_mail__token_hash on rubis.checkin_mail (token_hash);
create index checkin_mail__task_id on rubis.checkin_mail (
  organization_id, checkin_task_id, checkin_mail_id
);
create index checkin_mail__failed_at on rubis.checkin_mail (failed_at)
where failure_class = 'operator';
create index checkin_mail__accepted_at on rubis.checkin_mail (accepted_at);
comment on table rubis.checkin_mail is
  'One mail attempted for a check-in, and what became of it. Its '
  'two links live 24 h from coalesce(accepted_at, attempted_at).';
comment on column rubis.checkin_mail.token_hash is
  'SHA-256 of the 43 base64url characters in the links; the token itself is never stored.';
comment on column rubis.checkin_mail.to_address is 'The user''s address at that moment.';
comment on column rubis.checkin_mail.message_id is
  'The Message-ID header, to find the mail in a mail server''s log.';
comment on column rubis.checkin_mail.failure_class is
  'temporary: tried again. refused: never. operator: ours to mend, '
  'tried again. unknown: perhaps delivered, so mailed again.';

-- db/schema/70_relance.sql

-- One reminder to a client. At most one per invoice is ahead.

create table rubis.relance (
  organization_id bigint not null,
  relance_id bigint generated always as identity,
  invoice_id bigint not null,
  relance_plan_id bigint not null,
  step smallint not null,
  days_after_due smallint not null,
  tone rubis.tone not null,
  status rubis.relance_status not null default 'scheduled',
  scheduled_at timestamptz not null,
  next_attempt_at timestamptz,
  attempts int not null default 0,
  first_attempt_at timestamptz,
  lease_expires_at timestamptz,
  hold_reason text,
  sent_at timestamptz,
  cancelled_at timestamptz,
  cancel_reason text,
  created_at timestamptz not null default rubis.clock(),
  constraint relance__pkey primary key (organization_id, relance_id),
  constraint relance__invoice foreign key (organization_id, invoice_id)
  references rubis.invoice (organization_id, invoice_id),
  constraint relance__plan foreign key (organization_id, relance_plan_id)
  references rubis.relance_plan (organization_id, relance_plan_id),
  constraint relance__next_attempt check ((status = 'scheduled') = (next_attempt_at is not null)),
  constraint relance__lease check (
    (status = any('{queued,sending}')) = (lease_expires_at is not null)
  ),
  constraint relance__hold_facts check ((status = 'held') = (hold_reason is not null)),
  constraint relance__sent_facts check ((status = 'sent') = (sent_at is not null)),
  constraint relance__cancel_facts check (
    (status = 'cancelled') = (cancelled_at is not null)
    and (cancelled_at is null) = (cancel_reason is null)
  )
);
create unique index relance__one_ahead on rubis.relance (organization_id, invoice_id)
where status in ('scheduled', 'held', 'queued', 'sending', 'unconfirmed');
create index relance__invoice_id on rubis.relance (organization_id, invoice_id, relance_id);
create index relance__plan_id on rubis.relance (organization_id, relance_plan_id);
-- What waits for somebody, counted for /metrics.
create index relance__waiting on rubis.relance (status, hold_reason)
where status in ('held', 'unconfirmed');
-- What a tick looks for, in all organizations at once: so these two are not tenant-first. Held rows
-- are in neither.
create index relance__leased on rubis.relance (lease_expires_at)
where status in ('queued', 'sending');
create index relance__due on rubis.relance (next_attempt_at) where status = 'scheduled';
comment on table rubis.relance is
  'A reminder to the client. At most one per invoice is ahead; the ones after it are a forecast.';
comment on column rubis.relance.step is
  'The step of the plan it stands for; kept as it was, should the plan change.';
comment on column rubis.relance.days_after_due is
  'As in the plan when it was scheduled: the next step keeps its distance from this one.';
comment on column rubis.relance.next_attempt_at is
  'When the tick looks at it; set only while scheduled. Later than scheduled_at while it waits.';
comment on column rubis.relance.hold_reason is
  'Why it waits for somebody to act; it is looked at again when that is done.';
comment on column rubis.relance.scheduled_at is
  'When it is to leave, never within 24 h of the check-in.';
comment on column rubis.relance.cancel_reason is 'Why it will not leave, in words for a DBA.';

-- db/schema/71_relance_mail.sql

-- One row per letter attempted.

create table rubis.relance_mail (
  organization_id bigint not null,
  relance_mail_id bigint generated always as identity,
  relance_id bigint not null,
  invoice_id bigint not null,
  to_address text not null,
  message_id text not null,
  attempted_at timestamptz not null default rubis.clock(),
  accepted_at timestamptz,
  failed_at timestamptz,
  failure_class rubis.failure_class,
  failure_detail text,
  constraint relance_mail__pkey primary key (organization_id, relance_mail_id),
  constraint relance_mail__relance foreign key (organization_id, relance_id)
  references rubis.relance (organization_id, relance_id),
  constraint relance_mail__invoice foreign key (organization_id, invoice_id)
  references rubis.invoice (organization_id, invoice_id),
  constraint relance_mail__message_id check (message_id ~ '^<[^<>[:space:][:cntrl:]]+>$'),
  constraint relance_mail__failure_facts check ((failure_class is null) = (failed_at is null)),
  constraint relance_mail__one_fate check (accepted_at is null or failed_at is null)
);
create index relance_mail__relance_id on rubis.relance_mail (
  organization_id, relance_id, relance_mail_id
);
create index relance_mail__invoice_id on rubis.relance_mail (
  organization_id, invoice_id, relance_mail_id
);
create index relance_mail__attempted_at on rubis.relance_mail (organization_id, attempted_at);
create index relance_mail__failed_at on rubis.relance_mail (failed_at)
where failure_class = 'operator';
create index relance_mail__accepted_at on rubis.relance_mail (accepted_at);
comment on table rubis.relance_mail is 'One letter attempted for a relance, and what became of it.';
comment on column rubis.relance_mail.to_address is 'The client''s address at that moment.';
comment on column rubis.relance_mail.message_id is
  'The Message-ID header, known before it leaves: the letters '
  'of an invoice refer to the first one''s (RFC 5322, 3.6.4).';
comment on column rubis.relance_mail.failure_class is
  'temporary and operator: tried again. refused: the '
  'client is paused. unknown: never sent again by itself.';

-- db/schema/80_activity_event.sql

-- What happened, as the user reads it. Append-only.

create table rubis.activity_event (
  organization_id bigint not null,
  activity_event_id bigint generated always as identity,
  kind rubis.event_kind not null,
  label text,
  invoice_id bigint not null,
  checkin_task_id bigint,
  user_id bigint default nullif(current_setting('rubis.user_id', true), '')::bigint,
  data jsonb not null default '{}',
  occurred_at timestamptz not null default rubis.clock(),
  constraint activity_event__pkey primary key (organization_id, activity_event_id),
  constraint activity_event__invoice foreign key (organization_id, invoice_id)
  references rubis.invoice (organization_id, invoice_id),
  constraint activity_event__task foreign key (organization_id, checkin_task_id)
  references rubis.checkin_task (organization_id, checkin_task_id),
  constraint activity_event__app_user foreign key (organization_id, user_id)
  references rubis.app_user (organization_id, user_id)
);
create index activity_event__occurred_at on rubis.activity_event (
  organization_id, occurred_at, activity_event_id
);
create index activity_event__invoice_id on rubis.activity_event (
  organization_id, invoice_id, occurred_at, activity_event_id
);
create index activity_event__task_id on rubis.activity_event (organization_id, checkin_task_id)
where checkin_task_id is not null;
create index activity_event__user_id on rubis.activity_event (organization_id, user_id)
where user_id is not null;
comment on table rubis.activity_event is
  'Append-only business history: what the user reads in the app.';
comment on column rubis.activity_event.label is
  'How, in a few words: via check-in, manual, still pending ...';
comment on column rubis.activity_event.user_id is
  'Who did it in the app; null for a click on a link, the '
  'worker or a DBA. The setting is made by rubis.require_actor.';
comment on column rubis.activity_event.data is
  'What changed, where the kind alone does not tell: {"due_on": ["2026-01-31", "2026-02-28"]}.';

-- db/schema/81_rubis_entry.sql

-- The reward. Entries, not a counter: nothing to lock, nothing to lose, every rubis tells which
-- payment earned it.

create table rubis.rubis_entry (
  organization_id bigint not null,
  rubis_entry_id bigint generated always as identity,
  invoice_id bigint not null,
  activity_event_id bigint not null,
  delta smallint not null,
  reverses_rubis_entry_id bigint,
  created_at timestamptz not null default rubis.clock(),
  constraint rubis_entry__pkey primary key (organization_id, rubis_entry_id),
  constraint rubis_entry__invoice foreign key (organization_id, invoice_id)
  references rubis.invoice (organization_id, invoice_id),
  constraint rubis_entry__event foreign key (organization_id, activity_event_id)
  references rubis.activity_event (organization_id, activity_event_id),
  constraint rubis_entry__reverses foreign key (organization_id, reverses_rubis_entry_id)
  references rubis.rubis_entry (organization_id, rubis_entry_id),
  constraint rubis_entry__delta check (
    delta = case when reverses_rubis_entry_id is null then 1 else -1 end
  ),
  constraint rubis_entry__one_per_event unique (organization_id, activity_event_id),
  constraint rubis_entry__reversed_once unique (organization_id, reverses_rubis_entry_id)
);
create index rubis_entry__invoice_id on rubis.rubis_entry (organization_id, invoice_id);
comment on table rubis.rubis_entry is
  'One rubis earned (+1) by a payment, or taken back (-1) with that payment. Append-only.';
comment on column rubis.rubis_entry.activity_event_id is
  'The invoice_paid event that earned it, or the invoice_reopened event that took it back.';
comment on column rubis.rubis_entry.reverses_rubis_entry_id is
  'The entry taken back; each can be once, so the sum is never below zero.';

-- db/schema/90_import_batch.sql

-- Invoices read from elsewhere, waiting for the user's validation.

create table rubis.import_batch (
  organization_id bigint not null,
  import_batch_id bigint generated always as identity,
  user_id bigint not null,
  created_at timestamptz not null default rubis.clock(),
  constraint import_batch__pkey primary key (organization_id, import_batch_id),
  constraint import_batch__app_user foreign key (organization_id, user_id)
  references rubis.app_user (organization_id, user_id)
);
create index import_batch__user_id on rubis.import_batch (organization_id, user_id);
comment on table rubis.import_batch is 'What one import brought: a set of drafts.';
comment on column rubis.import_batch.user_id is
  'Who imported; the issuer of the invoices made from its drafts.';

-- db/schema/91_import_draft.sql

-- An invoice to be, edited until the user validates or discards it.

create table rubis.import_draft (
  organization_id bigint not null,
  import_draft_id bigint generated always as identity,
  import_batch_id bigint not null,
  position smallint not null,
  status rubis.draft_status not null default 'pending',
  number rubis.line,
  client_name rubis.line,
  client_email rubis.email,
  issued_on rubis.calendar_day,
  due_on rubis.calendar_day,
  amount_cents rubis.amount_cents,
  currency rubis.currency,
  invoice_id bigint,
  validated_at timestamptz,
  discarded_at timestamptz,
  created_at timestamptz not null default rubis.clock(),
  constraint import_draft__pkey primary key (organization_id, import_draft_id),
  constraint import_draft__batch foreign key (organization_id, import_batch_id)
  references rubis.import_batch (organization_id, import_batch_id),
  constraint import_draft__invoice foreign key (organization_id, invoice_id)
  references rubis.invoice (organization_id, invoice_id),
  constraint import_draft__position unique (organization_id, import_batch_id, position),
  constraint import_draft__one_invoice unique (organization_id, invoice_id),
  constraint import_draft__validated_facts check (
    (status = 'validated') = (invoice_id is not null)
    and (invoice_id is null) = (validated_at is null)
  ),
  constraint import_draft__discarded_facts check (
    (status = 'discarded') = (discarded_at is not null)
  )
);
comment on table rubis.import_draft is
  'An invoice to be: any field may still be missing. Validating '
  'it makes the invoice, and the client if new, once.';
comment on column rubis.import_draft.position is 'Its place in the batch, from 1.';

-- db/schema/95_worker_heartbeat.sql

-- Whether workers tick.

create table rubis.worker_heartbeat (
  worker text not null,
  started_at timestamptz not null default rubis.clock(),
  last_tick_at timestamptz not null default rubis.clock(),
  constraint worker_heartbeat__pkey primary key (worker)
) with (fillfactor = 50);
comment on table rubis.worker_heartbeat is
  'One row per worker process of the last week; /readyz and audit.stuck_worker read it.';
comment on column rubis.worker_heartbeat.worker is 'host:pid of the process.';

-- db/schema/96_user_mail.sql

-- Mails to users that are not check-ins; rubis.user_mail_kind lists what they are for.

create table rubis.user_mail (
  organization_id bigint not null,
  user_mail_id bigint generated always as identity,
  user_id bigint not null,
  kind rubis.user_mail_kind not null,
  checkin_task_id bigint,
  data jsonb not null default '{}',
  status rubis.user_mail_status not null default 'scheduled',
  next_attempt_at timestamptz,
  attempts int not null default 0,
  first_attempt_at timestamptz,
  lease_expires_at timestamptz,
  sent_at timestamptz,
  failed_at timestamptz,
  cancelled_at timestamptz,
  created_at timestamptz not null default rubis.clock(),
  constraint user_mail__pkey primary key (organization_id, user_mail_id),
  constraint user_mail__app_user foreign key (organization_id, user_id)
  references rubis.app_user (organization_id, user_id),
  constraint user_mail__task foreign key (organization_id, checkin_task_id)
  references rubis.checkin_task (organization_id, checkin_task_id),
  constraint user_mail__receipt_facts check (
    (kind = 'answer_receipt') = (checkin_task_id is not null)
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
  'answer_receipt {"answered_at", "number", "client_name", "amount_cents", "currency"}.';
comment on column rubis.user_mail.checkin_task_id is
  'The check-in whose answer an answer_receipt confirms.';

-- db/schema/97_user_mail_attempt.sql

-- One row per attempt to send a user_mail; the hash of its token, if its kind has a link.

create table rubis.user_mail_attempt (
  organization_id bigint not null,
  user_mail_attempt_id bigint generated always as identity,
  user_mail_id bigint not null,
  token_hash rubis.sha256 not null,
  to_address text not null,
  attempted_at timestamptz not null default rubis.clock(),
  accepted_at timestamptz,
  message_id text,
  failed_at timestamptz,
  failure_class rubis.failure_class,
  failure_detail text,
  constraint user_mail_attempt__pkey primary key (organization_id, user_mail_attempt_id),
  constraint user_mail_attempt__mail foreign key (organization_id, user_mail_id)
  references rubis.user_mail (organization_id, user_mail_id),
  constraint user_mail_attempt__failure_facts check ((failure_class is null) = (failed_at is null)),
  constraint user_mail_attempt__one_fate check (accepted_at is null or failed_at is null)
);
-- A click knows only the token, so this key is not tenant-first.
create unique index user_mail_attempt__token_hash on rubis.user_mail_attempt (token_hash);
create index user_mail_attempt__failed_at on rubis.user_mail_attempt (failed_at)
where failure_class = 'operator';
create index user_mail_attempt__accepted_at on rubis.user_mail_attempt (accepted_at);
create index user_mail_attempt__mail_id on rubis.user_mail_attempt (
  organization_id, user_mail_id, user_mail_attempt_id
);
comment on table rubis.user_mail_attempt is
  'One attempt to send a mail to a user, and what became of it.';
comment on column rubis.user_mail_attempt.token_hash is
  'SHA-256 of the token in its link; the token itself is never stored.';

-- db/schema/98_outage.sql

-- When nothing left, so that the users concerned are told once it is over.

create table rubis.outage (
  outage_id bigint generated always as identity,
  kind rubis.outage_kind not null,
  began_at timestamptz not null,
  ended_at timestamptz not null,
  constraint outage__pkey primary key (outage_id),
  constraint outage__once unique (kind, began_at),
  constraint outage__length check (ended_at > began_at)
);
create index outage__ended_at on rubis.outage (kind, ended_at);
comment on table rubis.outage is
  'Ten minutes or more without ticks, or in which '
  'mail failed for operator reasons; known when over.';

create type rubis.late_invoice as (organization_id bigint, invoice_id bigint);
comment on type rubis.late_invoice is 'An invoice whose check-in or relance was late.';

-- All mails that failed for reasons of ours: check-ins, relances, mails to users.
create view rubis.operator_failure as
select m.failed_at, t.organization_id, t.invoice_id
  from rubis.checkin_mail as m
  join rubis.checkin_task as t
    on t.organization_id = m.organization_id and t.checkin_task_id = m.checkin_task_id
 where m.failure_class = 'operator'
 union all
select m.failed_at, m.organization_id, m.invoice_id
  from rubis.relance_mail as m
 where m.failure_class = 'operator'
 union all
select a.failed_at, a.organization_id, null
  from rubis.user_mail_attempt as a
 where a.failure_class = 'operator';
comment on view rubis.operator_failure is 'Mails of any kind that failed for operator reasons.';
comment on column rubis.operator_failure.invoice_id is
  'The invoice that the check-in or relance is about; null for a mail to a user.';

-- db/schema/99_checkin_click.sql

-- Every click on a known token, with what it led to. Looking at a page writes nothing; its buttons
-- do.

create table rubis.checkin_click (
  organization_id bigint not null,
  checkin_click_id bigint generated always as identity,
  checkin_mail_id bigint,
  user_mail_attempt_id bigint,
  via rubis.click_via not null default 'link',
  answer rubis.click_answer,
  outcome rubis.click_outcome not null,
  user_agent rubis.user_agent,
  clicked_at timestamptz not null default rubis.clock(),
  constraint checkin_click__pkey primary key (organization_id, checkin_click_id),
  constraint checkin_click__mail foreign key (organization_id, checkin_mail_id)
  references rubis.checkin_mail (organization_id, checkin_mail_id),
  constraint checkin_click__attempt foreign key (organization_id, user_mail_attempt_id)
  references rubis.user_mail_attempt (organization_id, user_mail_attempt_id),
  constraint checkin_click__one_mail check (
    (checkin_mail_id is null) <> (user_mail_attempt_id is null)
  ),
  constraint checkin_click__answer_facts check (answer is not null or via = 'page'),
  constraint checkin_click__receipt_undoes check (checkin_mail_id is not null or answer is null)
);
create index checkin_click__mail_id on rubis.checkin_click (
  organization_id, checkin_mail_id, clicked_at
) where checkin_mail_id is not null;
create index checkin_click__attempt_id on rubis.checkin_click (
  organization_id, user_mail_attempt_id
) where user_mail_attempt_id is not null;
comment on table rubis.checkin_click is
  'Every click on a token that exists, append-only. Clicks on unknown tokens leave no row.';
comment on column rubis.checkin_click.checkin_mail_id is
  'The check-in mail whose link or page was used.';
comment on column rubis.checkin_click.user_mail_attempt_id is 'Or the receipt whose page was used.';
comment on column rubis.checkin_click.via is
  'link: a link of the mail was followed (GET). page: a button was pressed (POST).';
comment on column rubis.checkin_click.answer is
  'Which answer was asked for; null: to take back the one given.';
comment on column rubis.checkin_click.outcome is
  'paid, pending: it counted. already_answered, expired, unchanged: nothing changed. asked_again: '
  'too late, but it said paid, so the question is asked again. contradicted: it took the first '
  'answer back. confirm: it led to the page. undone: the answer was taken back.';
