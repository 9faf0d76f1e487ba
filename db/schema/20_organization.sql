-- The tenant. Its id is first in every key of every tenant table.

create table rubis.organization (
  organization_id bigint generated always as identity,
  name rubis.name not null,
  locale rubis.locale not null default 'fr',
  time_zone text not null default 'Europe/Paris',
  checkin_time time(0) not null default '09:00',
  relance_time time(0) not null default '10:00',
  country rubis.country not null default 'FR',
  holiday_region text,
  calendar text not null generated always as (coalesce(holiday_region, country)) stored,
  signature text,
  late_penalty_rate numeric(5, 2),
  siren rubis.siren,
  vat_number rubis.vat_number,
  terms_days rubis.terms_days not null default 30,
  terms_end_of_month boolean not null default false,
  daily_relance_quota int not null default 200,
  click_mode rubis.click_mode not null default 'direct',
  contradiction_seconds int not null default 60,
  answer_receipts boolean not null default true,
  question_valid_days smallint not null default 7,
  questions_per_mail smallint not null default 25,
  question_mails_per_day smallint not null default 4,
  client_spacing_days smallint not null default 2,
  mail_format rubis.mail_format not null default 'text',
  letter_copies boolean not null default false,
  letters_kept_days smallint not null default 365,
  schedule_version bigint not null default 1,
  created_at rubis.moment not null default rubis.clock(),
  constraint organization__pkey primary key (organization_id),
  constraint organization__checkin_time check (checkin_time < '24:00'),
  constraint organization__relance_time check (relance_time < '24:00'),
  constraint organization__signature check (
    length(signature) between 1 and 1000
      and signature !~ '[\u0001-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]'
      and signature !~ '[^ \n]{201}'
  ),
  constraint organization__late_penalty_rate check (late_penalty_rate between 0 and 100),
  constraint organization__vat_number check (
    vat_number not like 'FR%' or right(vat_number, 9) = siren
  ),
  constraint organization__daily_relance_quota check (daily_relance_quota between 0 and 100000),
  constraint organization__contradiction_seconds check (contradiction_seconds between 1 and 3600),
  constraint organization__question_valid_days check (question_valid_days between 2 and 60),
  constraint organization__questions_per_mail check (questions_per_mail between 1 and 50),
  constraint organization__question_mails_per_day check (question_mails_per_day between 1 and 100),
  constraint organization__client_spacing_days check (client_spacing_days between 0 and 30),
  constraint organization__letters_kept_days check (letters_kept_days between 30 and 3650)
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
comment on column rubis.organization.holiday_region is
  'The region whose public holidays count (ISO 3166-2, such as FR-57), or null for the whole '
  'country; checked by trigger.';
comment on column rubis.organization.calendar is
  'Whose days off count: a row of rubis.holiday_calendar.';
comment on column rubis.organization.signature is
  'Ends the letters; several lines, or null for the user''s name. Long lines are folded at spaces.';
comment on column rubis.organization.late_penalty_rate is
  'Yearly rate in per cent, as on the invoices; cited to '
  'businesses in France (Code de commerce, article L441-10).';
comment on column rubis.organization.siren is 'Its number in France, if it has one.';
comment on column rubis.organization.vat_number is
  'Its VAT number, if it has one; a French one ends in siren.';
comment on column rubis.organization.terms_days is
  'Its terms of payment, for clients without terms of their own; see rubis.due_on.';
comment on column rubis.organization.terms_end_of_month is
  'Whether terms_days count to the end of the month that they end in.';
comment on column rubis.organization.daily_relance_quota is
  'Letters that may leave within any 24 h, set by the operator: '
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
comment on column rubis.organization.question_valid_days is
  'For how many local days after a question was mailed a letter may rest on it; then Rubis asks '
  'again.';
comment on column rubis.organization.questions_per_mail is
  'At most so many questions stand in one mail.';
comment on column rubis.organization.question_mails_per_day is
  'At most so many mails of questions leave to a user in a local day; the rest waits for the next. '
  'What was asked again by hand, and after a late paid, is outside of it.';
comment on column rubis.organization.client_spacing_days is
  'Local days between two letters to one address; what is due sooner joins the next letter.';
comment on column rubis.organization.mail_format is
  'text: mails are plain text. both: HTML with the same content is beside it.';
comment on column rubis.organization.letter_copies is
  'Whether the users concerned get a blind copy of each letter.';
comment on column rubis.organization.letters_kept_days is
  'How many days the text of a letter that left is kept.';
comment on column rubis.organization.schedule_version is
  'Raised by each change of what questions and relances are planned by: zone, times, calendar, '
  'validity, spacing, a plan. An invoice with a lower one is planned again.';
