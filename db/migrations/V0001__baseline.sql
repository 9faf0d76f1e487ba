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

create type rubis.verdict as (
  verdict text, reason text, until timestamptz, asks_at timestamptz
);
comment on type rubis.verdict is
  'Whether a relance may leave: leave; wait, until a known moment; hold, until someone acts. With '
  'the reason. asks_at: the owner must be asked again then, and the relance waits for it.';

create type rubis.word as (
  is_live boolean, word_at timestamptz, said_at timestamptz, closes_at timestamptz,
  is_elsewhere boolean, doubted_at timestamptz
);
comment on type rubis.word is
  'What the owner last said of an invoice. is_live: the question is under way. word_at: when it '
  'was mailed, or answered in the app. said_at: when it was answered, else word_at. closes_at: '
  'when no link can answer any more. is_elsewhere: the owner has another address now. '
  'doubted_at: an answer was taken back, and none has followed.';

create type rubis.checkin_link as (
  organization_id bigint, invoice_id bigint, checkin_task_id bigint,
  mail_id bigint, attempt smallint, position smallint, mail_kind text,
  to_address text, mailed_at timestamptz, answered_at timestamptz
);
comment on type rubis.checkin_link is
  'What rubis.find_link finds behind a token: the item of a mail that carried it; answered_at if '
  'it is a receipt''s, which confirms one answer.';

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
      -- Something to see: neither a kind of space nor one of the invisible characters of rubis.key.
      and value ~ (
        '[^ \u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f'
        '\u202a-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb'
        '\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]'
      )
    ) is false then rubis.refuse_value('rubis.line', value) else true end
  );
comment on domain rubis.line is
  'One line of text of 1 to 200 characters, without control '
  'characters, so that it can stand in a mail header.';

create domain rubis.name as rubis.line
  -- squawk-ignore ban-create-domain-with-constraint
  constraint name__no_link check (
    case when (
      normalize(value, nfkc) !~ '@|://|[Ww][Ww][Ww]\.'
    ) is false then rubis.refuse_value('rubis.name', value) else true end
  );
comment on domain rubis.name is
  'A line that mails name somebody or something by, without what a mail program makes a link of.';

create domain rubis.email as text
  -- squawk-ignore ban-create-domain-with-constraint
  constraint email__form check (
    case when (
      value ~ '^[^@[:space:][:cntrl:]]+@[^@[:space:][:cntrl:]]+$' and length(value) <= 254
    ) is false then rubis.refuse_value('rubis.email', value) else true end
  );
comment on domain rubis.email is
  'A mail address, at most 254 characters (RFC 5321). Only a mail shows whether it exists.';

create domain rubis.wording as text
  -- squawk-ignore ban-create-domain-with-constraint
  constraint wording__form check (
    case when (
      length(value) between 1 and 2000
      and value !~ '[\u0001-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]'
      and value !~ '[^ \n]{201}'
      and rubis.wording_fault(value) is null
      -- As it stands, and as it reads about one invoice and about several.
      and normalize(value, nfkc) !~ '@|://|[Ww][Ww][Ww]\.'
      and normalize(regexp_replace(value, '\{([^{}|\n]*)\|[^{}|\n]*\}', '\1', 'g'), nfkc)
        !~ '@|://|[Ww][Ww][Ww]\.'
      and normalize(regexp_replace(value, '\{[^{}|\n]*\|([^{}|\n]*)\}', '\1', 'g'), nfkc)
        !~ '@|://|[Ww][Ww][Ww]\.'
    ) is false then rubis.refuse_value('rubis.wording', value) else true end
  );
comment on domain rubis.wording is
  'A part of a letter in the words of an organization, with fields of rubis.letter_fields such as '
  '{client}, and choices such as {it|them}: about one invoice, about several. Without what a mail '
  'program makes a link of.';

create domain rubis.locale as text
  -- squawk-ignore ban-create-domain-with-constraint
  constraint locale__known check (
    case when (value in ('fr', 'en')) is false
      then rubis.refuse_value('rubis.locale', value) else true end
  );
comment on domain rubis.locale is 'The language of mails and pages.';

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

create domain rubis.read_faults as jsonb
  -- squawk-ignore ban-create-domain-with-constraint
  constraint read_faults__form check (
    case when (
      jsonb_typeof(value) = 'array' and jsonb_array_length(value) <= 20
      and jsonb_array_length(value) = jsonb_array_length(
        jsonb_path_query_array(value, 'strict $[*] ? (
        @.type() == "object" && @.code like_regex "^[a-z_]{1,40}$"
        && (@.field == "number" || @.field == "client_name" || @.field == "client_email"
          || @.field == "issued_on" || @.field == "due_on" || @.field == "amount_cents"
          || @.field == "currency")
        && (@.text.type() == "null" || @.text like_regex "^.{1,200}$" flag "s")
        && (@.column.type() == "null" || @.column like_regex "^.{1,200}$" flag "s"))'))
      and length(value::text) <= 20000
    ) is false then rubis.refuse_value('rubis.read_faults', value::text) else true end
  );
comment on domain rubis.read_faults is
  'What a reader could not read of an invoice: a list of {field, code, text, column}: the field, '
  'what is wrong, the text as it stands and where; text and column may be null.';

create domain rubis.calendar_day as date
  -- squawk-ignore ban-create-domain-with-constraint
  constraint calendar_day__range check (
    case when (value between '1970-01-01' and '2999-12-31') is false
      then rubis.refuse_value('rubis.calendar_day', value::text) else true end
  );
comment on domain rubis.calendar_day is
  'A day on an invoice. The range catches a year with a digit too many or too few.';

create domain rubis.pause_day as date
  -- squawk-ignore ban-create-domain-with-constraint
  constraint pause_day__range check (
    case when (value between '1970-01-01' and '2999-12-31' or value = 'infinity') is false
      then rubis.refuse_value('rubis.pause_day', value::text) else true end
  );
comment on domain rubis.pause_day is
  'The last day of a pause; infinity: until a person ends it.';

create domain rubis.moment as timestamptz
  -- squawk-ignore ban-create-domain-with-constraint
  constraint moment__range check (
    case when (value between '1970-01-01 00:00+00' and '3100-01-01 00:00+00') is false
      then rubis.refuse_value('rubis.moment', value::text) else true end
  );
comment on domain rubis.moment is
  'A moment to compute with. Its range is wider than that of a day on an invoice, so that what '
  'follows from the last day has a moment too.';

create domain rubis.days_after_due as smallint
  -- squawk-ignore ban-create-domain-with-constraint
  constraint days_after_due__range check (
    case when (value between 1 and 365) is false
      then rubis.refuse_value('rubis.days_after_due', value::text) else true end
  );
comment on domain rubis.days_after_due is
  'Calendar days from the due date to a relance.';

create domain rubis.terms_days as smallint
  -- squawk-ignore ban-create-domain-with-constraint
  constraint terms_days__range check (
    case when (value between 0 and 365) is false
      then rubis.refuse_value('rubis.terms_days', value::text) else true end
  );
comment on domain rubis.terms_days is
  'Days from the issue of an invoice to its due date, before the end of the month is looked for.';

create domain rubis.attempts as int
  -- squawk-ignore ban-create-domain-with-constraint
  constraint attempts__range check (
    case when (value between 0 and 1000000000) is false
      then rubis.refuse_value('rubis.attempts', value::text) else true end
  );
comment on domain rubis.attempts is
  'How often something was tried.';

create domain rubis.sha256 as bytea
  -- squawk-ignore ban-create-domain-with-constraint
  constraint sha256__length check (
    case when (octet_length(value) = 32) is false
      then rubis.refuse_value('rubis.sha256', null) else true end
  );
comment on domain rubis.sha256 is
  'SHA-256 of the 43 base64url characters of a token, which itself is never stored.';

-- What a State numbers an organization by.

-- The last digit is a check digit by Luhn's rule: every second digit counts twice, and the digits
-- of what results are summed. strpos('0516273849', ...) is one more than that sum.
create domain rubis.siren as text
  -- squawk-ignore ban-create-domain-with-constraint
  constraint siren__check_digit check (
    case when (
      value ~ '^[0-9]{9}$'
      and (
        strpos('0123456789', substr(value, 1, 1)) + strpos('0516273849', substr(value, 2, 1))
        + strpos('0123456789', substr(value, 3, 1)) + strpos('0516273849', substr(value, 4, 1))
        + strpos('0123456789', substr(value, 5, 1)) + strpos('0516273849', substr(value, 6, 1))
        + strpos('0123456789', substr(value, 7, 1)) + strpos('0516273849', substr(value, 8, 1))
        + strpos('0123456789', substr(value, 9, 1)) - 9
      ) % 10 = 0
    ) is false then rubis.refuse_value('rubis.siren', value) else true end
  );
comment on domain rubis.siren is
  'A SIREN, the number of a firm in France: nine digits without spaces, the last one a check '
  'digit.';

-- In France, two characters and the SIREN. If they are digits, they are the rest of the SIREN
-- followed by 12, divided by 97 (12 + 3 x (SIREN mod 97), mod 97: the same).
create domain rubis.vat_number as text
  -- squawk-ignore ban-create-domain-with-constraint
  constraint vat_number__form check (
    case when (
      value ~ '^[A-Z]{2}[0-9A-Z+*]{2,13}$'
      and (value !~ '^FR' or value ~ '^FR[0-9A-HJ-NP-Z]{2}[0-9]{9}$')
      and (
        value !~ '^FR[0-9]{11}$'
        or ('0' || regexp_replace(substr(value, 5, 9), '[^0-9]', '', 'g') || '12')::bigint % 97
          = strpos('0123456789', substr(value, 3, 1)) * 10
            + strpos('0123456789', substr(value, 4, 1)) - 11
      )
    ) is false then rubis.refuse_value('rubis.vat_number', value) else true end
  );
comment on domain rubis.vat_number is
  'A VAT number without spaces: the country''s two letters and 2 to 13 characters; a French one '
  'must agree with its SIREN.';

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
        'scheduled', 'held', 'sending', 'sent', 'answered', 'expired', 'failed', 'cancelled'
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

create domain rubis.session_kind as text
  -- squawk-ignore ban-create-domain-with-constraint
  constraint session_kind__known check (
    case when (value in ('api', 'web')) is false
      then rubis.refuse_value('rubis.session_kind', value) else true end
  );
comment on domain rubis.session_kind is
  'Who holds a session: a program that refreshes its token (api), or a browser (web).';

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
        'scheduled', 'held', 'sending', 'sent', 'failed', 'unconfirmed', 'cancelled'
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
    case when (value in ('temporary', 'refused', 'operator', 'unknown', 'withdrawn')) is false
      then rubis.refuse_value('rubis.failure_class', value) else true end
  );
comment on domain rubis.failure_class is
  'Why a mail was not accepted; withdrawn: the last word before it was handed over forbade it. The '
  'columns of this domain say what follows.';

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
        'relances_paused', 'relances_resumed', 'client_merged'
      )
    ) is false then rubis.refuse_value('rubis.event_kind', value) else true end
  );
comment on domain rubis.event_kind is 'What the user reads in the history.';

create domain rubis.mail_status as text
  -- squawk-ignore ban-create-domain-with-constraint
  constraint mail_status__known check (
    case when (
      value in (
        'scheduled', 'queued', 'sending', 'sent', 'failed', 'unconfirmed', 'cancelled'
      )
    ) is false then rubis.refuse_value('rubis.mail_status', value) else true end
  );
comment on domain rubis.mail_status is 'Where a mail stands.';

create domain rubis.mail_kind as text
  -- squawk-ignore ban-create-domain-with-constraint
  constraint mail_kind__known check (
    case when (
      value in (
        'questions', 'letter', 'receipts', 'said_paid', 'verify_email', 'late_notice',
        'click_mode_advice', 'reset_password', 'password_changed', 'change_email',
        'email_changing'
      )
    ) is false then rubis.refuse_value('rubis.mail_kind', value) else true end
  );
comment on domain rubis.mail_kind is
  'What a mail is for: the questions that are due for a user; the letter to a client; the receipts '
  'of answers of paid; the word that paid was clicked and did not count; the proof of an address; '
  'the notice of what was late; the advice to change click_mode; the link for a forgotten '
  'password, and the word that it was changed; the links of a changed address, to the new one and '
  'to the old one. The one list of them.';

create domain rubis.mail_format as text
  -- squawk-ignore ban-create-domain-with-constraint
  constraint mail_format__known check (
    case when (value in ('text', 'both')) is false
      then rubis.refuse_value('rubis.mail_format', value) else true end
  );
comment on domain rubis.mail_format is 'Plain text alone, or HTML with the same content beside it.';

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

-- db/schema/02_codes.sql

-- Generated by `make codes` from pycountry, iso4217 and holidays: do not edit.

create domain rubis.country as text
  -- squawk-ignore ban-create-domain-with-constraint
  constraint country__known check (
    case when (value in (
      'AD', 'AE', 'AF', 'AG', 'AI', 'AL', 'AM', 'AO', 'AQ', 'AR', 'AS', 'AT', 'AU', 'AW', 'AX',
      'AZ', 'BA', 'BB', 'BD', 'BE', 'BF', 'BG', 'BH', 'BI', 'BJ', 'BL', 'BM', 'BN', 'BO', 'BQ',
      'BR', 'BS', 'BT', 'BV', 'BW', 'BY', 'BZ', 'CA', 'CC', 'CD', 'CF', 'CG', 'CH', 'CI', 'CK',
      'CL', 'CM', 'CN', 'CO', 'CR', 'CU', 'CV', 'CW', 'CX', 'CY', 'CZ', 'DE', 'DJ', 'DK', 'DM',
      'DO', 'DZ', 'EC', 'EE', 'EG', 'EH', 'ER', 'ES', 'ET', 'FI', 'FJ', 'FK', 'FM', 'FO', 'FR',
      'GA', 'GB', 'GD', 'GE', 'GF', 'GG', 'GH', 'GI', 'GL', 'GM', 'GN', 'GP', 'GQ', 'GR', 'GS',
      'GT', 'GU', 'GW', 'GY', 'HK', 'HM', 'HN', 'HR', 'HT', 'HU', 'ID', 'IE', 'IL', 'IM', 'IN',
      'IO', 'IQ', 'IR', 'IS', 'IT', 'JE', 'JM', 'JO', 'JP', 'KE', 'KG', 'KH', 'KI', 'KM', 'KN',
      'KP', 'KR', 'KW', 'KY', 'KZ', 'LA', 'LB', 'LC', 'LI', 'LK', 'LR', 'LS', 'LT', 'LU', 'LV',
      'LY', 'MA', 'MC', 'MD', 'ME', 'MF', 'MG', 'MH', 'MK', 'ML', 'MM', 'MN', 'MO', 'MP', 'MQ',
      'MR', 'MS', 'MT', 'MU', 'MV', 'MW', 'MX', 'MY', 'MZ', 'NA', 'NC', 'NE', 'NF', 'NG', 'NI',
      'NL', 'NO', 'NP', 'NR', 'NU', 'NZ', 'OM', 'PA', 'PE', 'PF', 'PG', 'PH', 'PK', 'PL', 'PM',
      'PN', 'PR', 'PS', 'PT', 'PW', 'PY', 'QA', 'RE', 'RO', 'RS', 'RU', 'RW', 'SA', 'SB', 'SC',
      'SD', 'SE', 'SG', 'SH', 'SI', 'SJ', 'SK', 'SL', 'SM', 'SN', 'SO', 'SR', 'SS', 'ST', 'SV',
      'SX', 'SY', 'SZ', 'TC', 'TD', 'TF', 'TG', 'TH', 'TJ', 'TK', 'TL', 'TM', 'TN', 'TO', 'TR',
      'TT', 'TV', 'TW', 'TZ', 'UA', 'UG', 'UM', 'US', 'UY', 'UZ', 'VA', 'VC', 'VE', 'VG', 'VI',
      'VN', 'VU', 'WF', 'WS', 'YE', 'YT', 'ZA', 'ZM', 'ZW'
    )) is false
      then rubis.refuse_value('rubis.country', value) else true end
  );
comment on domain rubis.country is
  'A country''s ISO 3166-1 alpha-2 code, officially assigned.';

create domain rubis.currency as text
  -- squawk-ignore ban-create-domain-with-constraint
  constraint currency__known check (
    case when (value in (
      'AED', 'AFN', 'ALL', 'AMD', 'AOA', 'ARS', 'AUD', 'AWG', 'AZN', 'BAM', 'BBD', 'BDT', 'BHD',
      'BIF', 'BMD', 'BND', 'BOB', 'BOV', 'BRL', 'BSD', 'BTN', 'BWP', 'BYN', 'BZD', 'CAD', 'CDF',
      'CHE', 'CHF', 'CHW', 'CLF', 'CLP', 'CNY', 'COP', 'COU', 'CRC', 'CUP', 'CVE', 'CZK', 'DJF',
      'DKK', 'DOP', 'DZD', 'EGP', 'ERN', 'ETB', 'EUR', 'FJD', 'FKP', 'GBP', 'GEL', 'GHS', 'GIP',
      'GMD', 'GNF', 'GTQ', 'GYD', 'HKD', 'HNL', 'HTG', 'HUF', 'IDR', 'ILS', 'INR', 'IQD', 'IRR',
      'ISK', 'JMD', 'JOD', 'JPY', 'KES', 'KGS', 'KHR', 'KMF', 'KPW', 'KRW', 'KWD', 'KYD', 'KZT',
      'LAK', 'LBP', 'LKR', 'LRD', 'LSL', 'LYD', 'MAD', 'MDL', 'MGA', 'MKD', 'MMK', 'MNT', 'MOP',
      'MRU', 'MUR', 'MVR', 'MWK', 'MXN', 'MXV', 'MYR', 'MZN', 'NAD', 'NGN', 'NIO', 'NOK', 'NPR',
      'NZD', 'OMR', 'PAB', 'PEN', 'PGK', 'PHP', 'PKR', 'PLN', 'PYG', 'QAR', 'RON', 'RSD', 'RUB',
      'RWF', 'SAR', 'SBD', 'SCR', 'SDG', 'SEK', 'SGD', 'SHP', 'SLE', 'SOS', 'SRD', 'SSP', 'STN',
      'SVC', 'SYP', 'SZL', 'THB', 'TJS', 'TMT', 'TND', 'TOP', 'TRY', 'TTD', 'TWD', 'TZS', 'UAH',
      'UGX', 'USD', 'USN', 'UYI', 'UYU', 'UYW', 'UZS', 'VED', 'VES', 'VND', 'VUV', 'WST', 'XAD',
      'XAF', 'XCD', 'XCG', 'XOF', 'XPF', 'YER', 'ZAR', 'ZMW', 'ZWG'
    )) is false
      then rubis.refuse_value('rubis.currency', value) else true end
  );
comment on domain rubis.currency is
  'A currency''s ISO 4217 code, active and with a minor unit.';

-- db/schema/05_deployment.sql

-- What was deployed here. rubis migrate compares it with its files and refuses what it does not
-- know.

create table rubis.deployment (
  component text not null,
  release text not null,
  checksum text not null,
  deployed_at rubis.moment not null default rubis.clock(),
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
  ('checkin_task', '(new)', 'scheduled', 'waits for scheduled_at'),
  ('checkin_task', 'scheduled', 'sending', 'an attempt to mail it has begun'),
  ('checkin_task', 'scheduled', 'held', 'waits until the address is proven'),
  ('checkin_task', 'scheduled', 'answered',
    'answered in the app before it was asked, or by a link of unknown fate'),
  ('checkin_task', 'scheduled', 'cancelled', 'invoice settled, withdrawn or changed'),
  ('checkin_task', 'scheduled', 'sent', 'a slow worker came back: its mail was accepted after all'),
  ('checkin_task', 'held', 'scheduled', 'the address was proven'),
  ('checkin_task', 'held', 'sent', 'a slow worker came back: its mail was accepted after all'),
  ('checkin_task', 'held', 'answered', 'answered while it waited'),
  ('checkin_task', 'held', 'cancelled', 'invoice settled, withdrawn or changed'),
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
  ('checkin_task', 'expired', 'answered',
    'paid was clicked without counting, and the user has decided'),
  ('relance', '(new)', 'scheduled', 'waits for next_look_at'),
  ('relance', 'scheduled', 'held', 'may not leave yet'),
  ('relance', 'scheduled', 'sending', 'an attempt to send its letter has begun'),
  ('relance', 'scheduled', 'cancelled', 'invoice settled, withdrawn or changed'),
  ('relance', 'held', 'scheduled', 'the hold was lifted'),
  ('relance', 'held', 'cancelled', 'invoice settled, withdrawn or changed'),
  ('relance', 'sending', 'sent', 'the mail was accepted'),
  ('relance', 'sending', 'scheduled', 'to be tried again, or withdrawn and to be judged again'),
  ('relance', 'sending', 'failed', 'a day of failures'),
  ('relance', 'sending', 'unconfirmed', 'handed over, fate unknown: the user decides'),
  ('relance', 'sending', 'cancelled',
    'the client''s address was refused, or the invoice settled or changed meanwhile'),
  ('relance', 'failed', 'scheduled', 'the user asked to send it again'),
  ('relance', 'unconfirmed', 'sent', 'the user confirmed it'),
  ('relance', 'unconfirmed', 'scheduled', 'the user asked to send it again'),
  ('relance', 'unconfirmed', 'cancelled', 'invoice settled, withdrawn or changed'),
  ('relance', 'cancelled', 'unconfirmed', 'invoice reopened: its fate is still unknown'),
  ('relance', 'scheduled', 'sent', 'thought lost, but it was accepted'),
  ('relance', 'held', 'sent', 'thought lost, but it was accepted'),
  ('relance', 'failed', 'sent', 'thought lost, but it was accepted'),
  ('relance', 'cancelled', 'sent', 'thought lost, but it was accepted'),
  ('mail', '(new)', 'scheduled', 'waits for next_attempt_at'),
  ('mail', 'scheduled', 'queued', 'due: a job is in the queue'),
  ('mail', 'scheduled', 'cancelled', 'nothing is left to say'),
  ('mail', 'queued', 'scheduled', 'the lease ran out, or an invoice was locked'),
  ('mail', 'queued', 'cancelled', 'nothing is left to say'),
  ('mail', 'queued', 'sending', 'a worker has begun'),
  ('mail', 'sending', 'sent', 'it was accepted'),
  ('mail', 'sending', 'scheduled', 'to be tried again'),
  ('mail', 'sending', 'failed', 'refused, or a day of failures'),
  ('mail', 'sending', 'unconfirmed', 'a letter was handed over, fate unknown: the user decides'),
  ('mail', 'sending', 'cancelled', 'nothing is left to say'),
  ('mail', 'scheduled', 'sent', 'thought lost, but it was accepted'),
  ('mail', 'queued', 'sent', 'thought lost, but it was accepted'),
  ('mail', 'failed', 'sent', 'thought lost, but it was accepted'),
  ('mail', 'unconfirmed', 'sent', 'the user confirmed it, or it was accepted after all'),
  ('mail', 'cancelled', 'sent', 'thought lost, but it was accepted'),
  ('import_draft', '(new)', 'pending', 'waits for the user'),
  ('import_draft', 'pending', 'validated', 'became an invoice'),
  ('import_draft', 'pending', 'discarded', 'discarded by the user');

-- db/schema/12_holiday_calendar.sql

-- Whose days off the library holidays knows, and which days of the week they do not work.

create table rubis.holiday_calendar (
  calendar text not null,
  country rubis.country not null,
  name text not null,
  weekend smallint[] not null,
  constraint holiday_calendar__pkey primary key (calendar),
  constraint holiday_calendar__of_country check (
    calendar = country or starts_with(calendar, country || '-')
  ),
  constraint holiday_calendar__weekend check (
    weekend <@ '{1,2,3,4,5,6,7}' and cardinality(weekend) between 1 and 3
  )
);
comment on table rubis.holiday_calendar is
  'One calendar for each country (FR) and each region whose public holidays differ (FR-57, ISO '
  '3166-2).';
comment on column rubis.holiday_calendar.weekend is
  'The days of the week without work, as ISO numbers: Monday is 1.';

-- db/schema/13_calendars.sql

-- Generated by `make codes` from pycountry, iso4217 and holidays: do not edit.

insert into rubis.holiday_calendar (calendar, country, name, weekend) values
  ('AD', 'AD', 'Andorra', '{6,7}'),
  ('AD-02', 'AD', 'Canillo', '{6,7}'),
  ('AD-03', 'AD', 'Encamp', '{6,7}'),
  ('AD-04', 'AD', 'La Massana', '{6,7}'),
  ('AD-05', 'AD', 'Ordino', '{6,7}'),
  ('AD-06', 'AD', E'Sant Juli\u00e0 de L\u00f2ria', '{6,7}'),
  ('AD-07', 'AD', 'Andorra la Vella', '{6,7}'),
  ('AD-08', 'AD', 'Escaldes-Engordany', '{6,7}'),
  ('AE', 'AE', 'United Arab Emirates', '{6,7}'),
  ('AF', 'AF', 'Afghanistan', '{5,6}'),
  ('AG', 'AG', 'Antigua and Barbuda', '{6,7}'),
  ('AI', 'AI', 'Anguilla', '{7}'),
  ('AL', 'AL', 'Albania', '{6,7}'),
  ('AM', 'AM', 'Armenia', '{6,7}'),
  ('AM-AG', 'AM', E'Aragac\u0323otn', '{6,7}'),
  ('AM-AR', 'AM', 'Ararat', '{6,7}'),
  ('AM-AV', 'AM', 'Armavir', '{6,7}'),
  ('AM-ER', 'AM', 'Erevan', '{6,7}'),
  ('AM-GR', 'AM', E'Ge\u0121ark''unik''', '{6,7}'),
  ('AM-KT', 'AM', 'Kotayk''', '{6,7}'),
  ('AM-LO', 'AM', E'Lo\u1e59i', '{6,7}'),
  ('AM-SH', 'AM', E'\u0160irak', '{6,7}'),
  ('AM-SU', 'AM', 'Syunik''', '{6,7}'),
  ('AM-TV', 'AM', E'Tavu\u0161', '{6,7}'),
  ('AM-VD', 'AM', E'Vayo\u0107 Jor', '{6,7}'),
  ('AO', 'AO', 'Angola', '{6,7}'),
  ('AQ', 'AQ', 'Antarctica', '{6,7}'),
  ('AR', 'AR', 'Argentina', '{6,7}'),
  ('AR-A', 'AR', 'Salta', '{6,7}'),
  ('AR-B', 'AR', 'Buenos Aires', '{6,7}'),
  ('AR-C', 'AR', E'Ciudad Aut\u00f3noma de Buenos Aires', '{6,7}'),
  ('AR-D', 'AR', 'San Luis', '{6,7}'),
  ('AR-E', 'AR', E'Entre R\u00edos', '{6,7}'),
  ('AR-F', 'AR', 'La Rioja', '{6,7}'),
  ('AR-G', 'AR', 'Santiago del Estero', '{6,7}'),
  ('AR-H', 'AR', 'Chaco', '{6,7}'),
  ('AR-J', 'AR', 'San Juan', '{6,7}'),
  ('AR-K', 'AR', 'Catamarca', '{6,7}'),
  ('AR-L', 'AR', 'La Pampa', '{6,7}'),
  ('AR-M', 'AR', 'Mendoza', '{6,7}'),
  ('AR-N', 'AR', 'Misiones', '{6,7}'),
  ('AR-P', 'AR', 'Formosa', '{6,7}'),
  ('AR-Q', 'AR', E'Neuqu\u00e9n', '{6,7}'),
  ('AR-R', 'AR', E'R\u00edo Negro', '{6,7}'),
  ('AR-S', 'AR', 'Santa Fe', '{6,7}'),
  ('AR-T', 'AR', E'Tucum\u00e1n', '{6,7}'),
  ('AR-U', 'AR', 'Chubut', '{6,7}'),
  ('AR-V', 'AR', 'Tierra del Fuego', '{6,7}'),
  ('AR-W', 'AR', 'Corrientes', '{6,7}'),
  ('AR-X', 'AR', E'C\u00f3rdoba', '{6,7}'),
  ('AR-Y', 'AR', 'Jujuy', '{6,7}'),
  ('AR-Z', 'AR', 'Santa Cruz', '{6,7}'),
  ('AS', 'AS', 'American Samoa', '{6,7}'),
  ('AT', 'AT', 'Austria', '{6,7}'),
  ('AT-1', 'AT', 'Burgenland', '{6,7}'),
  ('AT-2', 'AT', E'K\u00e4rnten', '{6,7}'),
  ('AT-3', 'AT', E'Nieder\u00f6sterreich', '{6,7}'),
  ('AT-4', 'AT', E'Ober\u00f6sterreich', '{6,7}'),
  ('AT-5', 'AT', 'Salzburg', '{6,7}'),
  ('AT-6', 'AT', 'Steiermark', '{6,7}'),
  ('AT-7', 'AT', 'Tirol', '{6,7}'),
  ('AT-8', 'AT', 'Vorarlberg', '{6,7}'),
  ('AT-9', 'AT', 'Wien', '{6,7}'),
  ('AU', 'AU', 'Australia', '{6,7}'),
  ('AU-ACT', 'AU', 'Australian Capital Territory', '{6,7}'),
  ('AU-NSW', 'AU', 'New South Wales', '{6,7}'),
  ('AU-NT', 'AU', 'Northern Territory', '{6,7}'),
  ('AU-QLD', 'AU', 'Queensland', '{6,7}'),
  ('AU-SA', 'AU', 'South Australia', '{6,7}'),
  ('AU-TAS', 'AU', 'Tasmania', '{6,7}'),
  ('AU-VIC', 'AU', 'Victoria', '{6,7}'),
  ('AU-WA', 'AU', 'Western Australia', '{6,7}'),
  ('AW', 'AW', 'Aruba', '{6,7}'),
  ('AX', 'AX', E'\u00c5land Islands', '{6,7}'),
  ('AZ', 'AZ', 'Azerbaijan', '{6,7}'),
  ('BA', 'BA', 'Bosnia and Herzegovina', '{6,7}'),
  ('BA-BIH', 'BA', 'Federacija Bosne i Hercegovine', '{6,7}'),
  ('BA-BRC', 'BA', E'Br\u010dko distrikt', '{6,7}'),
  ('BA-SRP', 'BA', 'Republika Srpska', '{6,7}'),
  ('BB', 'BB', 'Barbados', '{6,7}'),
  ('BD', 'BD', 'Bangladesh', '{5,6}'),
  ('BE', 'BE', 'Belgium', '{6,7}'),
  ('BF', 'BF', 'Burkina Faso', '{6,7}'),
  ('BG', 'BG', 'Bulgaria', '{6,7}'),
  ('BH', 'BH', 'Bahrain', '{5,6}'),
  ('BI', 'BI', 'Burundi', '{6,7}'),
  ('BJ', 'BJ', 'Benin', '{6,7}'),
  ('BL', 'BL', E'Saint Barth\u00e9lemy', '{6,7}'),
  ('BM', 'BM', 'Bermuda', '{6,7}'),
  ('BN', 'BN', 'Brunei Darussalam', '{5,7}'),
  ('BO', 'BO', 'Bolivia, Plurinational State of', '{6,7}'),
  ('BO-B', 'BO', 'El Beni', '{6,7}'),
  ('BO-C', 'BO', 'Cochabamba', '{6,7}'),
  ('BO-H', 'BO', 'Chuquisaca', '{6,7}'),
  ('BO-L', 'BO', 'La Paz', '{6,7}'),
  ('BO-N', 'BO', 'Pando', '{6,7}'),
  ('BO-O', 'BO', 'Oruro', '{6,7}'),
  ('BO-P', 'BO', E'Potos\u00ed', '{6,7}'),
  ('BO-S', 'BO', 'Santa Cruz', '{6,7}'),
  ('BO-T', 'BO', 'Tarija', '{6,7}'),
  ('BQ', 'BQ', 'Bonaire, Sint Eustatius and Saba', '{6,7}'),
  ('BQ-BON', 'BQ', 'BQ-BON', '{6,7}'),
  ('BQ-SAB', 'BQ', 'BQ-SAB', '{6,7}'),
  ('BQ-STA', 'BQ', 'BQ-STA', '{6,7}'),
  ('BR', 'BR', 'Brazil', '{6,7}'),
  ('BR-AC', 'BR', 'Acre', '{6,7}'),
  ('BR-AL', 'BR', 'Alagoas', '{6,7}'),
  ('BR-AM', 'BR', 'Amazonas', '{6,7}'),
  ('BR-AP', 'BR', E'Amap\u00e1', '{6,7}'),
  ('BR-BA', 'BR', 'Bahia', '{6,7}'),
  ('BR-CE', 'BR', E'Cear\u00e1', '{6,7}'),
  ('BR-DF', 'BR', 'Distrito Federal', '{6,7}'),
  ('BR-ES', 'BR', E'Esp\u00edrito Santo', '{6,7}'),
  ('BR-GO', 'BR', E'Goi\u00e1s', '{6,7}'),
  ('BR-MA', 'BR', E'Maranh\u00e3o', '{6,7}'),
  ('BR-MG', 'BR', 'Minas Gerais', '{6,7}'),
  ('BR-MS', 'BR', 'Mato Grosso do Sul', '{6,7}'),
  ('BR-MT', 'BR', 'Mato Grosso', '{6,7}'),
  ('BR-PA', 'BR', E'Par\u00e1', '{6,7}'),
  ('BR-PB', 'BR', E'Para\u00edba', '{6,7}'),
  ('BR-PE', 'BR', 'Pernambuco', '{6,7}'),
  ('BR-PI', 'BR', E'Piau\u00ed', '{6,7}'),
  ('BR-PR', 'BR', E'Paran\u00e1', '{6,7}'),
  ('BR-RJ', 'BR', 'Rio de Janeiro', '{6,7}'),
  ('BR-RN', 'BR', 'Rio Grande do Norte', '{6,7}'),
  ('BR-RO', 'BR', E'Rond\u00f4nia', '{6,7}'),
  ('BR-RR', 'BR', 'Roraima', '{6,7}'),
  ('BR-RS', 'BR', 'Rio Grande do Sul', '{6,7}'),
  ('BR-SC', 'BR', 'Santa Catarina', '{6,7}'),
  ('BR-SE', 'BR', 'Sergipe', '{6,7}'),
  ('BR-SP', 'BR', E'S\u00e3o Paulo', '{6,7}'),
  ('BR-TO', 'BR', 'Tocantins', '{6,7}'),
  ('BS', 'BS', 'Bahamas', '{6,7}'),
  ('BT', 'BT', 'Bhutan', '{6,7}'),
  ('BT-11', 'BT', 'Paro', '{6,7}'),
  ('BT-12', 'BT', 'Chhukha', '{6,7}'),
  ('BT-13', 'BT', 'Haa', '{6,7}'),
  ('BT-14', 'BT', 'Samtse', '{6,7}'),
  ('BT-15', 'BT', 'Thimphu', '{6,7}'),
  ('BT-21', 'BT', 'Tsirang', '{6,7}'),
  ('BT-22', 'BT', 'Dagana', '{6,7}'),
  ('BT-23', 'BT', 'Punakha', '{6,7}'),
  ('BT-24', 'BT', 'Wangdue Phodrang', '{6,7}'),
  ('BT-31', 'BT', 'Sarpang', '{6,7}'),
  ('BT-32', 'BT', 'Trongsa', '{6,7}'),
  ('BT-33', 'BT', 'Bumthang', '{6,7}'),
  ('BT-34', 'BT', 'Zhemgang', '{6,7}'),
  ('BT-41', 'BT', 'Trashigang', '{6,7}'),
  ('BT-42', 'BT', 'Monggar', '{6,7}'),
  ('BT-43', 'BT', 'Pema Gatshel', '{6,7}'),
  ('BT-44', 'BT', 'Lhuentse', '{6,7}'),
  ('BT-45', 'BT', 'Samdrup Jongkhar', '{6,7}'),
  ('BT-GA', 'BT', 'Gasa', '{6,7}'),
  ('BT-TY', 'BT', 'Trashi Yangtse', '{6,7}'),
  ('BV', 'BV', 'Bouvet Island', '{6,7}'),
  ('BW', 'BW', 'Botswana', '{6,7}'),
  ('BY', 'BY', 'Belarus', '{6,7}'),
  ('BZ', 'BZ', 'Belize', '{6,7}'),
  ('CA', 'CA', 'Canada', '{6,7}'),
  ('CA-AB', 'CA', 'Alberta', '{6,7}'),
  ('CA-BC', 'CA', 'British Columbia', '{6,7}'),
  ('CA-MB', 'CA', 'Manitoba', '{6,7}'),
  ('CA-NB', 'CA', 'New Brunswick', '{6,7}'),
  ('CA-NL', 'CA', 'Newfoundland and Labrador', '{6,7}'),
  ('CA-NS', 'CA', 'Nova Scotia', '{6,7}'),
  ('CA-NT', 'CA', 'Northwest Territories', '{6,7}'),
  ('CA-NU', 'CA', 'Nunavut', '{6,7}'),
  ('CA-ON', 'CA', 'Ontario', '{6,7}'),
  ('CA-PE', 'CA', 'Prince Edward Island', '{6,7}'),
  ('CA-QC', 'CA', 'Quebec', '{6,7}'),
  ('CA-SK', 'CA', 'Saskatchewan', '{6,7}'),
  ('CA-YT', 'CA', 'Yukon', '{6,7}'),
  ('CC', 'CC', 'Cocos (Keeling) Islands', '{6,7}'),
  ('CD', 'CD', 'Congo, The Democratic Republic of the', '{7}'),
  ('CF', 'CF', 'Central African Republic', '{6,7}'),
  ('CG', 'CG', 'Congo', '{6,7}'),
  ('CH', 'CH', 'Switzerland', '{6,7}'),
  ('CH-AG', 'CH', 'Aargau', '{6,7}'),
  ('CH-AI', 'CH', 'Appenzell Innerrhoden', '{6,7}'),
  ('CH-AR', 'CH', 'Appenzell Ausserrhoden', '{6,7}'),
  ('CH-BE', 'CH', 'Berne', '{6,7}'),
  ('CH-BL', 'CH', 'Basel-Landschaft', '{6,7}'),
  ('CH-BS', 'CH', 'Basel-Stadt', '{6,7}'),
  ('CH-FR', 'CH', 'Fribourg', '{6,7}'),
  ('CH-GE', 'CH', E'Gen\u00e8ve', '{6,7}'),
  ('CH-GL', 'CH', 'Glarus', '{6,7}'),
  ('CH-GR', 'CH', E'Graub\u00fcnden', '{6,7}'),
  ('CH-JU', 'CH', 'Jura', '{6,7}'),
  ('CH-LU', 'CH', 'Luzern', '{6,7}'),
  ('CH-NE', 'CH', E'Neuch\u00e2tel', '{6,7}'),
  ('CH-NW', 'CH', 'Nidwalden', '{6,7}'),
  ('CH-OW', 'CH', 'Obwalden', '{6,7}'),
  ('CH-SG', 'CH', 'Sankt Gallen', '{6,7}'),
  ('CH-SH', 'CH', 'Schaffhausen', '{6,7}'),
  ('CH-SO', 'CH', 'Solothurn', '{6,7}'),
  ('CH-SZ', 'CH', 'Schwyz', '{6,7}'),
  ('CH-TG', 'CH', 'Thurgau', '{6,7}'),
  ('CH-TI', 'CH', 'Ticino', '{6,7}'),
  ('CH-UR', 'CH', 'Uri', '{6,7}'),
  ('CH-VD', 'CH', 'Vaud', '{6,7}'),
  ('CH-VS', 'CH', 'Valais', '{6,7}'),
  ('CH-ZG', 'CH', 'Zug', '{6,7}'),
  ('CH-ZH', 'CH', E'Z\u00fcrich', '{6,7}'),
  ('CI', 'CI', E'C\u00f4te d''Ivoire', '{6,7}'),
  ('CK', 'CK', 'Cook Islands', '{6,7}'),
  ('CL', 'CL', 'Chile', '{6,7}'),
  ('CL-AI', 'CL', E'Ais\u00e9n del General Carlos Iba\u00f1ez del Campo', '{6,7}'),
  ('CL-AN', 'CL', 'Antofagasta', '{6,7}'),
  ('CL-AP', 'CL', 'Arica y Parinacota', '{6,7}'),
  ('CL-AR', 'CL', E'La Araucan\u00eda', '{6,7}'),
  ('CL-AT', 'CL', 'Atacama', '{6,7}'),
  ('CL-BI', 'CL', E'Biob\u00edo', '{6,7}'),
  ('CL-CO', 'CL', 'Coquimbo', '{6,7}'),
  ('CL-LI', 'CL', 'Libertador General Bernardo O''Higgins', '{6,7}'),
  ('CL-LL', 'CL', 'Los Lagos', '{6,7}'),
  ('CL-LR', 'CL', E'Los R\u00edos', '{6,7}'),
  ('CL-MA', 'CL', 'Magallanes', '{6,7}'),
  ('CL-ML', 'CL', 'Maule', '{6,7}'),
  ('CL-NB', 'CL', E'\u00d1uble', '{6,7}'),
  ('CL-RM', 'CL', E'Regi\u00f3n Metropolitana de Santiago', '{6,7}'),
  ('CL-TA', 'CL', E'Tarapac\u00e1', '{6,7}'),
  ('CL-VS', 'CL', E'Valpara\u00edso', '{6,7}'),
  ('CM', 'CM', 'Cameroon', '{6,7}'),
  ('CN', 'CN', 'China', '{6,7}'),
  ('CO', 'CO', 'Colombia', '{6,7}'),
  ('CR', 'CR', 'Costa Rica', '{6,7}'),
  ('CU', 'CU', 'Cuba', '{6,7}'),
  ('CV', 'CV', 'Cabo Verde', '{6,7}'),
  ('CV-BR', 'CV', 'Brava', '{6,7}'),
  ('CV-BV', 'CV', 'Boa Vista', '{6,7}'),
  ('CV-CA', 'CV', 'Santa Catarina', '{6,7}'),
  ('CV-CF', 'CV', 'Santa Catarina do Fogo', '{6,7}'),
  ('CV-CR', 'CV', 'Santa Cruz', '{6,7}'),
  ('CV-MA', 'CV', 'Maio', '{6,7}'),
  ('CV-MO', 'CV', 'Mosteiros', '{6,7}'),
  ('CV-PA', 'CV', 'Paul', '{6,7}'),
  ('CV-PN', 'CV', 'Porto Novo', '{6,7}'),
  ('CV-PR', 'CV', 'Praia', '{6,7}'),
  ('CV-RB', 'CV', 'Ribeira Brava', '{6,7}'),
  ('CV-RG', 'CV', 'Ribeira Grande', '{6,7}'),
  ('CV-RS', 'CV', 'Ribeira Grande de Santiago', '{6,7}'),
  ('CV-SD', 'CV', E'S\u00e3o Domingos', '{6,7}'),
  ('CV-SF', 'CV', E'S\u00e3o Filipe', '{6,7}'),
  ('CV-SL', 'CV', 'Sal', '{6,7}'),
  ('CV-SM', 'CV', E'S\u00e3o Miguel', '{6,7}'),
  ('CV-SO', 'CV', E'S\u00e3o Louren\u00e7o dos \u00d3rg\u00e3os', '{6,7}'),
  ('CV-SS', 'CV', E'S\u00e3o Salvador do Mundo', '{6,7}'),
  ('CV-SV', 'CV', E'S\u00e3o Vicente', '{6,7}'),
  ('CV-TA', 'CV', 'Tarrafal', '{6,7}'),
  ('CV-TS', 'CV', E'Tarrafal de S\u00e3o Nicolau', '{6,7}'),
  ('CW', 'CW', E'Cura\u00e7ao', '{6,7}'),
  ('CX', 'CX', 'Christmas Island', '{6,7}'),
  ('CY', 'CY', 'Cyprus', '{6,7}'),
  ('CZ', 'CZ', 'Czechia', '{6,7}'),
  ('DE', 'DE', 'Germany', '{6,7}'),
  ('DE-BB', 'DE', 'Brandenburg', '{6,7}'),
  ('DE-BE', 'DE', 'Berlin', '{6,7}'),
  ('DE-BW', 'DE', E'Baden-W\u00fcrttemberg', '{6,7}'),
  ('DE-BY', 'DE', 'Bayern', '{6,7}'),
  ('DE-HB', 'DE', 'Bremen', '{6,7}'),
  ('DE-HE', 'DE', 'Hessen', '{6,7}'),
  ('DE-HH', 'DE', 'Hamburg', '{6,7}'),
  ('DE-MV', 'DE', 'Mecklenburg-Vorpommern', '{6,7}'),
  ('DE-NI', 'DE', 'Niedersachsen', '{6,7}'),
  ('DE-NW', 'DE', 'Nordrhein-Westfalen', '{6,7}'),
  ('DE-RP', 'DE', 'Rheinland-Pfalz', '{6,7}'),
  ('DE-SH', 'DE', 'Schleswig-Holstein', '{6,7}'),
  ('DE-SL', 'DE', 'Saarland', '{6,7}'),
  ('DE-SN', 'DE', 'Sachsen', '{6,7}'),
  ('DE-ST', 'DE', 'Sachsen-Anhalt', '{6,7}'),
  ('DE-TH', 'DE', E'Th\u00fcringen', '{6,7}'),
  ('DJ', 'DJ', 'Djibouti', '{5,6}'),
  ('DK', 'DK', 'Denmark', '{6,7}'),
  ('DM', 'DM', 'Dominica', '{6,7}'),
  ('DO', 'DO', 'Dominican Republic', '{6,7}'),
  ('DZ', 'DZ', 'Algeria', '{5,6}'),
  ('EC', 'EC', 'Ecuador', '{6,7}'),
  ('EE', 'EE', 'Estonia', '{6,7}'),
  ('EG', 'EG', 'Egypt', '{5,6}'),
  ('EH', 'EH', 'Western Sahara', '{6,7}'),
  ('ER', 'ER', 'Eritrea', '{6,7}'),
  ('ES', 'ES', 'Spain', '{6,7}'),
  ('ES-AN', 'ES', E'Andaluc\u00eda', '{6,7}'),
  ('ES-AR', 'ES', E'Arag\u00f3n', '{6,7}'),
  ('ES-AS', 'ES', 'Asturias, Principado de', '{6,7}'),
  ('ES-CB', 'ES', 'Cantabria', '{6,7}'),
  ('ES-CE', 'ES', 'Ceuta', '{6,7}'),
  ('ES-CL', 'ES', E'Castilla y Le\u00f3n', '{6,7}'),
  ('ES-CM', 'ES', 'Castilla-La Mancha', '{6,7}'),
  ('ES-CN', 'ES', 'Canarias', '{6,7}'),
  ('ES-CT', 'ES', E'Catalunya [Catalu\u00f1a]', '{6,7}'),
  ('ES-EX', 'ES', 'Extremadura', '{6,7}'),
  ('ES-GA', 'ES', 'Galicia [Galicia]', '{6,7}'),
  ('ES-IB', 'ES', 'Illes Balears [Islas Baleares]', '{6,7}'),
  ('ES-MC', 'ES', E'Murcia, Regi\u00f3n de', '{6,7}'),
  ('ES-MD', 'ES', 'Madrid, Comunidad de', '{6,7}'),
  ('ES-ML', 'ES', 'Melilla', '{6,7}'),
  ('ES-NC', 'ES', 'Navarra, Comunidad Foral de', '{6,7}'),
  ('ES-PV', 'ES', E'Pa\u00eds Vasco', '{6,7}'),
  ('ES-RI', 'ES', 'La Rioja', '{6,7}'),
  ('ES-VC', 'ES', 'Valenciana, Comunidad', '{6,7}'),
  ('ET', 'ET', 'Ethiopia', '{6,7}'),
  ('FI', 'FI', 'Finland', '{6,7}'),
  ('FI-01', 'FI', E'Landskapet \u00c5land', '{6,7}'),
  ('FI-02', 'FI', E'Etel\u00e4-Karjala', '{6,7}'),
  ('FI-03', 'FI', E'Etel\u00e4-Pohjanmaa', '{6,7}'),
  ('FI-04', 'FI', E'Etel\u00e4-Savo', '{6,7}'),
  ('FI-05', 'FI', 'Kainuu', '{6,7}'),
  ('FI-06', 'FI', E'Kanta-H\u00e4me', '{6,7}'),
  ('FI-07', 'FI', 'Keski-Pohjanmaa', '{6,7}'),
  ('FI-08', 'FI', 'Keski-Suomi', '{6,7}'),
  ('FI-09', 'FI', 'Kymenlaakso', '{6,7}'),
  ('FI-10', 'FI', 'Lappi', '{6,7}'),
  ('FI-11', 'FI', 'Pirkanmaa', '{6,7}'),
  ('FI-12', 'FI', 'Pohjanmaa', '{6,7}'),
  ('FI-13', 'FI', 'Pohjois-Karjala', '{6,7}'),
  ('FI-14', 'FI', 'Pohjois-Pohjanmaa', '{6,7}'),
  ('FI-15', 'FI', 'Pohjois-Savo', '{6,7}'),
  ('FI-16', 'FI', E'P\u00e4ij\u00e4t-H\u00e4me', '{6,7}'),
  ('FI-17', 'FI', 'Satakunta', '{6,7}'),
  ('FI-18', 'FI', 'Uusimaa', '{6,7}'),
  ('FI-19', 'FI', 'Varsinais-Suomi', '{6,7}'),
  ('FJ', 'FJ', 'Fiji', '{6,7}'),
  ('FK', 'FK', 'Falkland Islands (Malvinas)', '{6,7}'),
  ('FM', 'FM', 'Micronesia, Federated States of', '{6,7}'),
  ('FM-KSA', 'FM', 'Kosrae', '{6,7}'),
  ('FM-PNI', 'FM', 'Pohnpei', '{6,7}'),
  ('FM-TRK', 'FM', 'Chuuk', '{6,7}'),
  ('FM-YAP', 'FM', 'Yap', '{6,7}'),
  ('FO', 'FO', 'Faroe Islands', '{6,7}'),
  ('FR', 'FR', 'France', '{6,7}'),
  ('FR-57', 'FR', 'Moselle', '{6,7}'),
  ('FR-6AE', 'FR', 'Alsace', '{6,7}'),
  ('FR-971', 'FR', 'Guadeloupe', '{6,7}'),
  ('FR-972', 'FR', 'Martinique', '{6,7}'),
  ('FR-973', 'FR', E'Guyane (fran\u00e7aise)', '{6,7}'),
  ('FR-974', 'FR', E'La R\u00e9union', '{6,7}'),
  ('FR-976', 'FR', 'Mayotte', '{6,7}'),
  ('FR-BL', 'FR', E'Saint-Barth\u00e9lemy', '{6,7}'),
  ('FR-MF', 'FR', 'Saint-Martin', '{6,7}'),
  ('FR-NC', 'FR', E'Nouvelle-Cal\u00e9donie', '{6,7}'),
  ('FR-PF', 'FR', E'Polyn\u00e9sie fran\u00e7aise', '{6,7}'),
  ('FR-PM', 'FR', 'Saint-Pierre-et-Miquelon', '{6,7}'),
  ('FR-TF', 'FR', E'Terres australes fran\u00e7aises', '{6,7}'),
  ('FR-WF', 'FR', 'Wallis-et-Futuna', '{6,7}'),
  ('GA', 'GA', 'Gabon', '{6,7}'),
  ('GB', 'GB', 'United Kingdom', '{6,7}'),
  ('GB-ENG', 'GB', 'England', '{6,7}'),
  ('GB-NIR', 'GB', 'Northern Ireland', '{6,7}'),
  ('GB-SCT', 'GB', 'Scotland', '{6,7}'),
  ('GB-WLS', 'GB', 'Wales [Cymru GB-CYM]', '{6,7}'),
  ('GD', 'GD', 'Grenada', '{6,7}'),
  ('GE', 'GE', 'Georgia', '{6,7}'),
  ('GF', 'GF', 'French Guiana', '{6,7}'),
  ('GG', 'GG', 'Guernsey', '{6,7}'),
  ('GH', 'GH', 'Ghana', '{6,7}'),
  ('GI', 'GI', 'Gibraltar', '{6,7}'),
  ('GL', 'GL', 'Greenland', '{6,7}'),
  ('GM', 'GM', 'Gambia', '{6,7}'),
  ('GN', 'GN', 'Guinea', '{6,7}'),
  ('GP', 'GP', 'Guadeloupe', '{6,7}'),
  ('GQ', 'GQ', 'Equatorial Guinea', '{6,7}'),
  ('GQ-AN', 'GQ', 'Annobon', '{6,7}'),
  ('GQ-BN', 'GQ', 'Bioko Nord', '{6,7}'),
  ('GQ-BS', 'GQ', 'Bioko Sud', '{6,7}'),
  ('GQ-CS', 'GQ', 'Centro Sud', '{6,7}'),
  ('GQ-DJ', 'GQ', 'Djibloho', '{6,7}'),
  ('GQ-KN', 'GQ', E'Ki\u00e9-Ntem', '{6,7}'),
  ('GQ-LI', 'GQ', 'Littoral', '{6,7}'),
  ('GQ-WN', 'GQ', 'Wele-Nzas', '{6,7}'),
  ('GR', 'GR', 'Greece', '{6,7}'),
  ('GS', 'GS', 'South Georgia and the South Sandwich Islands', '{6,7}'),
  ('GT', 'GT', 'Guatemala', '{6,7}'),
  ('GU', 'GU', 'Guam', '{6,7}'),
  ('GW', 'GW', 'Guinea-Bissau', '{6,7}'),
  ('GY', 'GY', 'Guyana', '{6,7}'),
  ('HK', 'HK', 'Hong Kong', '{7}'),
  ('HM', 'HM', 'Heard Island and McDonald Islands', '{6,7}'),
  ('HN', 'HN', 'Honduras', '{6,7}'),
  ('HR', 'HR', 'Croatia', '{6,7}'),
  ('HT', 'HT', 'Haiti', '{6,7}'),
  ('HU', 'HU', 'Hungary', '{6,7}'),
  ('ID', 'ID', 'Indonesia', '{6,7}'),
  ('IE', 'IE', 'Ireland', '{6,7}'),
  ('IL', 'IL', 'Israel', '{5,6}'),
  ('IM', 'IM', 'Isle of Man', '{6,7}'),
  ('IN', 'IN', 'India', '{6,7}'),
  ('IN-AN', 'IN', 'Andaman and Nicobar Islands', '{6,7}'),
  ('IN-AP', 'IN', 'Andhra Pradesh', '{6,7}'),
  ('IN-AR', 'IN', E'Arun\u0101chal Pradesh', '{6,7}'),
  ('IN-AS', 'IN', 'Assam', '{6,7}'),
  ('IN-BR', 'IN', E'Bih\u0101r', '{6,7}'),
  ('IN-CG', 'IN', E'Chhatt\u012bsgarh', '{6,7}'),
  ('IN-CH', 'IN', E'Chand\u012bgarh', '{6,7}'),
  ('IN-DH', 'IN', E'D\u0101dra and Nagar Haveli and Dam\u0101n and Diu', '{6,7}'),
  ('IN-DL', 'IN', 'Delhi', '{6,7}'),
  ('IN-GA', 'IN', 'Goa', '{6,7}'),
  ('IN-GJ', 'IN', E'Gujar\u0101t', '{6,7}'),
  ('IN-HP', 'IN', E'Him\u0101chal Pradesh', '{6,7}'),
  ('IN-HR', 'IN', E'Hary\u0101na', '{6,7}'),
  ('IN-JH', 'IN', E'Jh\u0101rkhand', '{6,7}'),
  ('IN-JK', 'IN', E'Jammu and Kashm\u012br', '{6,7}'),
  ('IN-KA', 'IN', E'Karn\u0101taka', '{6,7}'),
  ('IN-KL', 'IN', 'Kerala', '{6,7}'),
  ('IN-LA', 'IN', E'Lad\u0101kh', '{6,7}'),
  ('IN-LD', 'IN', 'Lakshadweep', '{6,7}'),
  ('IN-MH', 'IN', E'Mah\u0101r\u0101shtra', '{6,7}'),
  ('IN-ML', 'IN', E'Megh\u0101laya', '{6,7}'),
  ('IN-MN', 'IN', 'Manipur', '{6,7}'),
  ('IN-MP', 'IN', 'Madhya Pradesh', '{6,7}'),
  ('IN-MZ', 'IN', 'Mizoram', '{6,7}'),
  ('IN-NL', 'IN', E'N\u0101g\u0101land', '{6,7}'),
  ('IN-OD', 'IN', 'Odisha', '{6,7}'),
  ('IN-PB', 'IN', 'Punjab', '{6,7}'),
  ('IN-PY', 'IN', 'Puducherry', '{6,7}'),
  ('IN-RJ', 'IN', E'R\u0101jasth\u0101n', '{6,7}'),
  ('IN-SK', 'IN', 'Sikkim', '{6,7}'),
  ('IN-TN', 'IN', E'Tamil N\u0101du', '{6,7}'),
  ('IN-TR', 'IN', 'Tripura', '{6,7}'),
  ('IN-TS', 'IN', E'Telang\u0101na', '{6,7}'),
  ('IN-UK', 'IN', E'Uttar\u0101khand', '{6,7}'),
  ('IN-UP', 'IN', 'Uttar Pradesh', '{6,7}'),
  ('IN-WB', 'IN', 'West Bengal', '{6,7}'),
  ('IO', 'IO', 'British Indian Ocean Territory', '{6,7}'),
  ('IQ', 'IQ', 'Iraq', '{5,6}'),
  ('IR', 'IR', 'Iran, Islamic Republic of', '{5}'),
  ('IS', 'IS', 'Iceland', '{6,7}'),
  ('IT', 'IT', 'Italy', '{6,7}'),
  ('IT-AG', 'IT', 'Agrigento', '{6,7}'),
  ('IT-AL', 'IT', 'Alessandria', '{6,7}'),
  ('IT-AN', 'IT', 'Ancona', '{6,7}'),
  ('IT-AO', 'IT', 'IT-AO', '{6,7}'),
  ('IT-AP', 'IT', 'Ascoli Piceno', '{6,7}'),
  ('IT-AQ', 'IT', 'L''Aquila', '{6,7}'),
  ('IT-AR', 'IT', 'Arezzo', '{6,7}'),
  ('IT-AT', 'IT', 'Asti', '{6,7}'),
  ('IT-AV', 'IT', 'Avellino', '{6,7}'),
  ('IT-BA', 'IT', 'Bari', '{6,7}'),
  ('IT-BG', 'IT', 'Bergamo', '{6,7}'),
  ('IT-BI', 'IT', 'Biella', '{6,7}'),
  ('IT-BL', 'IT', 'Belluno', '{6,7}'),
  ('IT-BN', 'IT', 'Benevento', '{6,7}'),
  ('IT-BO', 'IT', 'Bologna', '{6,7}'),
  ('IT-BR', 'IT', 'Brindisi', '{6,7}'),
  ('IT-BS', 'IT', 'Brescia', '{6,7}'),
  ('IT-BT', 'IT', 'Barletta-Andria-Trani', '{6,7}'),
  ('IT-BZ', 'IT', 'Bolzano', '{6,7}'),
  ('IT-CA', 'IT', 'Cagliari', '{6,7}'),
  ('IT-CB', 'IT', 'Campobasso', '{6,7}'),
  ('IT-CE', 'IT', 'Caserta', '{6,7}'),
  ('IT-CH', 'IT', 'Chieti', '{6,7}'),
  ('IT-CL', 'IT', 'Caltanissetta', '{6,7}'),
  ('IT-CN', 'IT', 'Cuneo', '{6,7}'),
  ('IT-CO', 'IT', 'Como', '{6,7}'),
  ('IT-CR', 'IT', 'Cremona', '{6,7}'),
  ('IT-CS', 'IT', 'Cosenza', '{6,7}'),
  ('IT-CT', 'IT', 'Catania', '{6,7}'),
  ('IT-CZ', 'IT', 'Catanzaro', '{6,7}'),
  ('IT-EN', 'IT', 'Enna', '{6,7}'),
  ('IT-FC', 'IT', E'Forl\u00ec-Cesena', '{6,7}'),
  ('IT-FE', 'IT', 'Ferrara', '{6,7}'),
  ('IT-FG', 'IT', 'Foggia', '{6,7}'),
  ('IT-FI', 'IT', 'Firenze', '{6,7}'),
  ('IT-FM', 'IT', 'Fermo', '{6,7}'),
  ('IT-FR', 'IT', 'Frosinone', '{6,7}'),
  ('IT-GE', 'IT', 'Genova', '{6,7}'),
  ('IT-GO', 'IT', 'Gorizia', '{6,7}'),
  ('IT-GR', 'IT', 'Grosseto', '{6,7}'),
  ('IT-IM', 'IT', 'Imperia', '{6,7}'),
  ('IT-IS', 'IT', 'Isernia', '{6,7}'),
  ('IT-KR', 'IT', 'Crotone', '{6,7}'),
  ('IT-LC', 'IT', 'Lecco', '{6,7}'),
  ('IT-LE', 'IT', 'Lecce', '{6,7}'),
  ('IT-LI', 'IT', 'Livorno', '{6,7}'),
  ('IT-LO', 'IT', 'Lodi', '{6,7}'),
  ('IT-LT', 'IT', 'Latina', '{6,7}'),
  ('IT-LU', 'IT', 'Lucca', '{6,7}'),
  ('IT-MB', 'IT', 'Monza e Brianza', '{6,7}'),
  ('IT-MC', 'IT', 'Macerata', '{6,7}'),
  ('IT-ME', 'IT', 'Messina', '{6,7}'),
  ('IT-MI', 'IT', 'Milano', '{6,7}'),
  ('IT-MN', 'IT', 'Mantova', '{6,7}'),
  ('IT-MO', 'IT', 'Modena', '{6,7}'),
  ('IT-MS', 'IT', 'Massa-Carrara', '{6,7}'),
  ('IT-MT', 'IT', 'Matera', '{6,7}'),
  ('IT-NA', 'IT', 'Napoli', '{6,7}'),
  ('IT-NO', 'IT', 'Novara', '{6,7}'),
  ('IT-NU', 'IT', 'Nuoro', '{6,7}'),
  ('IT-OR', 'IT', 'Oristano', '{6,7}'),
  ('IT-PA', 'IT', 'Palermo', '{6,7}'),
  ('IT-PC', 'IT', 'Piacenza', '{6,7}'),
  ('IT-PD', 'IT', 'Padova', '{6,7}'),
  ('IT-PE', 'IT', 'Pescara', '{6,7}'),
  ('IT-PG', 'IT', 'Perugia', '{6,7}'),
  ('IT-PI', 'IT', 'Pisa', '{6,7}'),
  ('IT-PN', 'IT', 'Pordenone', '{6,7}'),
  ('IT-PO', 'IT', 'Prato', '{6,7}'),
  ('IT-PR', 'IT', 'Parma', '{6,7}'),
  ('IT-PT', 'IT', 'Pistoia', '{6,7}'),
  ('IT-PU', 'IT', 'Pesaro e Urbino', '{6,7}'),
  ('IT-PV', 'IT', 'Pavia', '{6,7}'),
  ('IT-PZ', 'IT', 'Potenza', '{6,7}'),
  ('IT-RA', 'IT', 'Ravenna', '{6,7}'),
  ('IT-RC', 'IT', 'Reggio Calabria', '{6,7}'),
  ('IT-RE', 'IT', 'Reggio Emilia', '{6,7}'),
  ('IT-RG', 'IT', 'Ragusa', '{6,7}'),
  ('IT-RI', 'IT', 'Rieti', '{6,7}'),
  ('IT-RM', 'IT', 'Roma', '{6,7}'),
  ('IT-RN', 'IT', 'Rimini', '{6,7}'),
  ('IT-RO', 'IT', 'Rovigo', '{6,7}'),
  ('IT-SA', 'IT', 'Salerno', '{6,7}'),
  ('IT-SI', 'IT', 'Siena', '{6,7}'),
  ('IT-SO', 'IT', 'Sondrio', '{6,7}'),
  ('IT-SP', 'IT', 'La Spezia', '{6,7}'),
  ('IT-SR', 'IT', 'Siracusa', '{6,7}'),
  ('IT-SS', 'IT', 'Sassari', '{6,7}'),
  ('IT-SU', 'IT', 'Sud Sardegna', '{6,7}'),
  ('IT-SV', 'IT', 'Savona', '{6,7}'),
  ('IT-TA', 'IT', 'Taranto', '{6,7}'),
  ('IT-TE', 'IT', 'Teramo', '{6,7}'),
  ('IT-TN', 'IT', 'Trento', '{6,7}'),
  ('IT-TO', 'IT', 'Torino', '{6,7}'),
  ('IT-TP', 'IT', 'Trapani', '{6,7}'),
  ('IT-TR', 'IT', 'Terni', '{6,7}'),
  ('IT-TS', 'IT', 'Trieste', '{6,7}'),
  ('IT-TV', 'IT', 'Treviso', '{6,7}'),
  ('IT-UD', 'IT', 'Udine', '{6,7}'),
  ('IT-VA', 'IT', 'Varese', '{6,7}'),
  ('IT-VB', 'IT', 'Verbano-Cusio-Ossola', '{6,7}'),
  ('IT-VC', 'IT', 'Vercelli', '{6,7}'),
  ('IT-VE', 'IT', 'Venezia', '{6,7}'),
  ('IT-VI', 'IT', 'Vicenza', '{6,7}'),
  ('IT-VR', 'IT', 'Verona', '{6,7}'),
  ('IT-VT', 'IT', 'Viterbo', '{6,7}'),
  ('IT-VV', 'IT', 'Vibo Valentia', '{6,7}'),
  ('JE', 'JE', 'Jersey', '{6,7}'),
  ('JM', 'JM', 'Jamaica', '{6,7}'),
  ('JO', 'JO', 'Jordan', '{5,6}'),
  ('JP', 'JP', 'Japan', '{6,7}'),
  ('KE', 'KE', 'Kenya', '{6,7}'),
  ('KG', 'KG', 'Kyrgyzstan', '{6,7}'),
  ('KH', 'KH', 'Cambodia', '{6,7}'),
  ('KI', 'KI', 'Kiribati', '{6,7}'),
  ('KM', 'KM', 'Comoros', '{6,7}'),
  ('KN', 'KN', 'Saint Kitts and Nevis', '{7}'),
  ('KP', 'KP', 'Korea, Democratic People''s Republic of', '{6,7}'),
  ('KR', 'KR', 'Korea, Republic of', '{6,7}'),
  ('KW', 'KW', 'Kuwait', '{5,6}'),
  ('KY', 'KY', 'Cayman Islands', '{6,7}'),
  ('KZ', 'KZ', 'Kazakhstan', '{6,7}'),
  ('LA', 'LA', 'Lao People''s Democratic Republic', '{6,7}'),
  ('LB', 'LB', 'Lebanon', '{6,7}'),
  ('LC', 'LC', 'Saint Lucia', '{6,7}'),
  ('LI', 'LI', 'Liechtenstein', '{6,7}'),
  ('LK', 'LK', 'Sri Lanka', '{6,7}'),
  ('LR', 'LR', 'Liberia', '{6,7}'),
  ('LS', 'LS', 'Lesotho', '{6,7}'),
  ('LT', 'LT', 'Lithuania', '{6,7}'),
  ('LU', 'LU', 'Luxembourg', '{6,7}'),
  ('LV', 'LV', 'Latvia', '{6,7}'),
  ('LY', 'LY', 'Libya', '{6,7}'),
  ('MA', 'MA', 'Morocco', '{6,7}'),
  ('MC', 'MC', 'Monaco', '{6,7}'),
  ('MD', 'MD', 'Moldova, Republic of', '{6,7}'),
  ('ME', 'ME', 'Montenegro', '{6,7}'),
  ('MF', 'MF', 'Saint Martin (French part)', '{6,7}'),
  ('MG', 'MG', 'Madagascar', '{6,7}'),
  ('MH', 'MH', 'Marshall Islands', '{6,7}'),
  ('MK', 'MK', 'North Macedonia', '{6,7}'),
  ('ML', 'ML', 'Mali', '{6,7}'),
  ('MM', 'MM', 'Myanmar', '{6,7}'),
  ('MN', 'MN', 'Mongolia', '{6,7}'),
  ('MO', 'MO', 'Macao', '{6,7}'),
  ('MO-I', 'MO', 'MO-I', '{6,7}'),
  ('MO-M', 'MO', 'MO-M', '{6,7}'),
  ('MP', 'MP', 'Northern Mariana Islands', '{6,7}'),
  ('MQ', 'MQ', 'Martinique', '{6,7}'),
  ('MR', 'MR', 'Mauritania', '{5,6}'),
  ('MS', 'MS', 'Montserrat', '{6,7}'),
  ('MT', 'MT', 'Malta', '{6,7}'),
  ('MU', 'MU', 'Mauritius', '{6,7}'),
  ('MV', 'MV', 'Maldives', '{5,6}'),
  ('MW', 'MW', 'Malawi', '{6,7}'),
  ('MX', 'MX', 'Mexico', '{6,7}'),
  ('MY', 'MY', 'Malaysia', '{6,7}'),
  ('MY-01', 'MY', 'Johor', '{6,7}'),
  ('MY-02', 'MY', 'Kedah', '{6,7}'),
  ('MY-03', 'MY', 'Kelantan', '{6,7}'),
  ('MY-04', 'MY', 'Melaka', '{6,7}'),
  ('MY-05', 'MY', 'Negeri Sembilan', '{6,7}'),
  ('MY-06', 'MY', 'Pahang', '{6,7}'),
  ('MY-07', 'MY', 'Pulau Pinang', '{6,7}'),
  ('MY-08', 'MY', 'Perak', '{6,7}'),
  ('MY-09', 'MY', 'Perlis', '{6,7}'),
  ('MY-10', 'MY', 'Selangor', '{6,7}'),
  ('MY-11', 'MY', 'Terengganu', '{6,7}'),
  ('MY-12', 'MY', 'Sabah', '{6,7}'),
  ('MY-13', 'MY', 'Sarawak', '{6,7}'),
  ('MY-14', 'MY', 'Wilayah Persekutuan Kuala Lumpur', '{6,7}'),
  ('MY-15', 'MY', 'Wilayah Persekutuan Labuan', '{6,7}'),
  ('MY-16', 'MY', 'Wilayah Persekutuan Putrajaya', '{6,7}'),
  ('MZ', 'MZ', 'Mozambique', '{6,7}'),
  ('NA', 'NA', 'Namibia', '{6,7}'),
  ('NC', 'NC', 'New Caledonia', '{6,7}'),
  ('NE', 'NE', 'Niger', '{7}'),
  ('NF', 'NF', 'Norfolk Island', '{6,7}'),
  ('NG', 'NG', 'Nigeria', '{6,7}'),
  ('NI', 'NI', 'Nicaragua', '{6,7}'),
  ('NI-AN', 'NI', 'Costa Caribe Norte', '{6,7}'),
  ('NI-AS', 'NI', 'Costa Caribe Sur', '{6,7}'),
  ('NI-BO', 'NI', 'Boaco', '{6,7}'),
  ('NI-CA', 'NI', 'Carazo', '{6,7}'),
  ('NI-CI', 'NI', 'Chinandega', '{6,7}'),
  ('NI-CO', 'NI', 'Chontales', '{6,7}'),
  ('NI-ES', 'NI', E'Estel\u00ed', '{6,7}'),
  ('NI-GR', 'NI', 'Granada', '{6,7}'),
  ('NI-JI', 'NI', 'Jinotega', '{6,7}'),
  ('NI-LE', 'NI', E'Le\u00f3n', '{6,7}'),
  ('NI-MD', 'NI', 'Madriz', '{6,7}'),
  ('NI-MN', 'NI', 'Managua', '{6,7}'),
  ('NI-MS', 'NI', 'Masaya', '{6,7}'),
  ('NI-MT', 'NI', 'Matagalpa', '{6,7}'),
  ('NI-NS', 'NI', 'Nueva Segovia', '{6,7}'),
  ('NI-RI', 'NI', 'Rivas', '{6,7}'),
  ('NI-SJ', 'NI', E'R\u00edo San Juan', '{6,7}'),
  ('NL', 'NL', 'Netherlands', '{6,7}'),
  ('NO', 'NO', 'Norway', '{6,7}'),
  ('NO-03', 'NO', 'Oslo', '{6,7}'),
  ('NO-11', 'NO', 'Rogaland', '{6,7}'),
  ('NO-15', 'NO', E'M\u00f8re og Romsdal', '{6,7}'),
  ('NO-18', 'NO', 'Nordland', '{6,7}'),
  ('NO-21', 'NO', 'Svalbard (Arctic Region)', '{6,7}'),
  ('NO-22', 'NO', 'Jan Mayen (Arctic Region)', '{6,7}'),
  ('NO-31', 'NO', 'NO-31', '{6,7}'),
  ('NO-32', 'NO', 'NO-32', '{6,7}'),
  ('NO-33', 'NO', 'NO-33', '{6,7}'),
  ('NO-34', 'NO', 'Innlandet', '{6,7}'),
  ('NO-39', 'NO', 'NO-39', '{6,7}'),
  ('NO-40', 'NO', 'NO-40', '{6,7}'),
  ('NO-42', 'NO', 'Agder', '{6,7}'),
  ('NO-46', 'NO', 'Vestland', '{6,7}'),
  ('NO-50', 'NO', E'Tr\u00f8ndelag', '{6,7}'),
  ('NO-55', 'NO', 'NO-55', '{6,7}'),
  ('NO-56', 'NO', 'NO-56', '{6,7}'),
  ('NP', 'NP', 'Nepal', '{6,7}'),
  ('NR', 'NR', 'Nauru', '{6,7}'),
  ('NU', 'NU', 'Niue', '{6,7}'),
  ('NZ', 'NZ', 'New Zealand', '{6,7}'),
  ('NZ-AUK', 'NZ', 'Auckland', '{6,7}'),
  ('NZ-BOP', 'NZ', 'Bay of Plenty', '{6,7}'),
  ('NZ-CAN', 'NZ', 'Canterbury', '{6,7}'),
  ('NZ-CIT', 'NZ', 'Chatham Islands Territory', '{6,7}'),
  ('NZ-GIS', 'NZ', 'Gisborne', '{6,7}'),
  ('NZ-HKB', 'NZ', 'Hawke''s Bay', '{6,7}'),
  ('NZ-MBH', 'NZ', 'Marlborough', '{6,7}'),
  ('NZ-MWT', 'NZ', E'Manawat\u016b-Whanganui', '{6,7}'),
  ('NZ-NSN', 'NZ', 'Nelson', '{6,7}'),
  ('NZ-NTL', 'NZ', 'Northland', '{6,7}'),
  ('NZ-OTA', 'NZ', 'Otago', '{6,7}'),
  ('NZ-STL', 'NZ', 'Southland', '{6,7}'),
  ('NZ-TAS', 'NZ', 'Tasman', '{6,7}'),
  ('NZ-TKI', 'NZ', 'Taranaki', '{6,7}'),
  ('NZ-WGN', 'NZ', 'Greater Wellington', '{6,7}'),
  ('NZ-WKO', 'NZ', 'Waikato', '{6,7}'),
  ('NZ-WTC', 'NZ', 'West Coast', '{6,7}'),
  ('OM', 'OM', 'Oman', '{5,6}'),
  ('PA', 'PA', 'Panama', '{6,7}'),
  ('PE', 'PE', 'Peru', '{6,7}'),
  ('PF', 'PF', 'French Polynesia', '{6,7}'),
  ('PG', 'PG', 'Papua New Guinea', '{6,7}'),
  ('PH', 'PH', 'Philippines', '{6,7}'),
  ('PK', 'PK', 'Pakistan', '{6,7}'),
  ('PL', 'PL', 'Poland', '{6,7}'),
  ('PL-02', 'PL', E'Dolno\u015bl\u0105skie', '{6,7}'),
  ('PL-04', 'PL', 'Kujawsko-Pomorskie', '{6,7}'),
  ('PL-06', 'PL', 'Lubelskie', '{6,7}'),
  ('PL-08', 'PL', 'Lubuskie', '{6,7}'),
  ('PL-10', 'PL', E'\u0141\u00f3dzkie', '{6,7}'),
  ('PL-12', 'PL', E'Ma\u0142opolskie', '{6,7}'),
  ('PL-14', 'PL', 'Mazowieckie', '{6,7}'),
  ('PL-16', 'PL', 'Opolskie', '{6,7}'),
  ('PL-18', 'PL', 'Podkarpackie', '{6,7}'),
  ('PL-20', 'PL', 'Podlaskie', '{6,7}'),
  ('PL-22', 'PL', 'Pomorskie', '{6,7}'),
  ('PL-24', 'PL', E'\u015al\u0105skie', '{6,7}'),
  ('PL-26', 'PL', E'\u015awi\u0119tokrzyskie', '{6,7}'),
  ('PL-28', 'PL', E'Warmi\u0144sko-Mazurskie', '{6,7}'),
  ('PL-30', 'PL', 'Wielkopolskie', '{6,7}'),
  ('PL-32', 'PL', 'Zachodniopomorskie', '{6,7}'),
  ('PM', 'PM', 'Saint Pierre and Miquelon', '{6,7}'),
  ('PN', 'PN', 'Pitcairn', '{6,7}'),
  ('PR', 'PR', 'Puerto Rico', '{6,7}'),
  ('PS', 'PS', 'Palestine, State of', '{6,7}'),
  ('PT', 'PT', 'Portugal', '{6,7}'),
  ('PT-01', 'PT', 'Aveiro', '{6,7}'),
  ('PT-02', 'PT', 'Beja', '{6,7}'),
  ('PT-03', 'PT', 'Braga', '{6,7}'),
  ('PT-04', 'PT', E'Bragan\u00e7a', '{6,7}'),
  ('PT-05', 'PT', 'Castelo Branco', '{6,7}'),
  ('PT-06', 'PT', 'Coimbra', '{6,7}'),
  ('PT-07', 'PT', E'\u00c9vora', '{6,7}'),
  ('PT-08', 'PT', 'Faro', '{6,7}'),
  ('PT-09', 'PT', 'Guarda', '{6,7}'),
  ('PT-10', 'PT', 'Leiria', '{6,7}'),
  ('PT-11', 'PT', 'Lisboa', '{6,7}'),
  ('PT-12', 'PT', 'Portalegre', '{6,7}'),
  ('PT-13', 'PT', 'Porto', '{6,7}'),
  ('PT-14', 'PT', E'Santar\u00e9m', '{6,7}'),
  ('PT-15', 'PT', E'Set\u00fabal', '{6,7}'),
  ('PT-16', 'PT', 'Viana do Castelo', '{6,7}'),
  ('PT-17', 'PT', 'Vila Real', '{6,7}'),
  ('PT-18', 'PT', 'Viseu', '{6,7}'),
  ('PT-20', 'PT', E'Regi\u00e3o Aut\u00f3noma dos A\u00e7ores', '{6,7}'),
  ('PT-30', 'PT', E'Regi\u00e3o Aut\u00f3noma da Madeira', '{6,7}'),
  ('PW', 'PW', 'Palau', '{6,7}'),
  ('PY', 'PY', 'Paraguay', '{7}'),
  ('QA', 'QA', 'Qatar', '{5,6}'),
  ('RE', 'RE', E'R\u00e9union', '{6,7}'),
  ('RO', 'RO', 'Romania', '{6,7}'),
  ('RS', 'RS', 'Serbia', '{6,7}'),
  ('RU', 'RU', 'Russian Federation', '{6,7}'),
  ('RW', 'RW', 'Rwanda', '{6,7}'),
  ('SA', 'SA', 'Saudi Arabia', '{5,6}'),
  ('SB', 'SB', 'Solomon Islands', '{6,7}'),
  ('SB-CE', 'SB', 'Central', '{6,7}'),
  ('SB-CH', 'SB', 'Choiseul', '{6,7}'),
  ('SB-CT', 'SB', 'Capital Territory (Honiara)', '{6,7}'),
  ('SB-GU', 'SB', 'Guadalcanal', '{6,7}'),
  ('SB-IS', 'SB', 'Isabel', '{6,7}'),
  ('SB-MK', 'SB', 'Makira-Ulawa', '{6,7}'),
  ('SB-ML', 'SB', 'Malaita', '{6,7}'),
  ('SB-RB', 'SB', 'Rennell and Bellona', '{6,7}'),
  ('SB-TE', 'SB', 'Temotu', '{6,7}'),
  ('SB-WE', 'SB', 'Western', '{6,7}'),
  ('SC', 'SC', 'Seychelles', '{6,7}'),
  ('SD', 'SD', 'Sudan', '{5,6}'),
  ('SE', 'SE', 'Sweden', '{6,7}'),
  ('SG', 'SG', 'Singapore', '{6,7}'),
  ('SH', 'SH', 'Saint Helena, Ascension and Tristan da Cunha', '{6,7}'),
  ('SH-AC', 'SH', 'Ascension', '{6,7}'),
  ('SH-HL', 'SH', 'Saint Helena', '{6,7}'),
  ('SH-TA', 'SH', 'Tristan da Cunha', '{6,7}'),
  ('SI', 'SI', 'Slovenia', '{6,7}'),
  ('SJ', 'SJ', 'Svalbard and Jan Mayen', '{6,7}'),
  ('SK', 'SK', 'Slovakia', '{6,7}'),
  ('SL', 'SL', 'Sierra Leone', '{6,7}'),
  ('SM', 'SM', 'San Marino', '{6,7}'),
  ('SN', 'SN', 'Senegal', '{6,7}'),
  ('SO', 'SO', 'Somalia', '{6,7}'),
  ('SR', 'SR', 'Suriname', '{6,7}'),
  ('SS', 'SS', 'South Sudan', '{6,7}'),
  ('ST', 'ST', 'Sao Tome and Principe', '{6,7}'),
  ('ST-01', 'ST', E'\u00c1gua Grande', '{6,7}'),
  ('ST-02', 'ST', 'Cantagalo', '{6,7}'),
  ('ST-03', 'ST', E'Cau\u00e9', '{6,7}'),
  ('ST-04', 'ST', E'Lemb\u00e1', '{6,7}'),
  ('ST-05', 'ST', 'Lobata', '{6,7}'),
  ('ST-06', 'ST', E'M\u00e9-Z\u00f3chi', '{6,7}'),
  ('ST-P', 'ST', E'Pr\u00edncipe', '{6,7}'),
  ('SV', 'SV', 'El Salvador', '{6,7}'),
  ('SV-AH', 'SV', E'Ahuachap\u00e1n', '{6,7}'),
  ('SV-CA', 'SV', E'Caba\u00f1as', '{6,7}'),
  ('SV-CH', 'SV', 'Chalatenango', '{6,7}'),
  ('SV-CU', 'SV', E'Cuscatl\u00e1n', '{6,7}'),
  ('SV-LI', 'SV', 'La Libertad', '{6,7}'),
  ('SV-MO', 'SV', E'Moraz\u00e1n', '{6,7}'),
  ('SV-PA', 'SV', 'La Paz', '{6,7}'),
  ('SV-SA', 'SV', 'Santa Ana', '{6,7}'),
  ('SV-SM', 'SV', 'San Miguel', '{6,7}'),
  ('SV-SO', 'SV', 'Sonsonate', '{6,7}'),
  ('SV-SS', 'SV', 'San Salvador', '{6,7}'),
  ('SV-SV', 'SV', 'San Vicente', '{6,7}'),
  ('SV-UN', 'SV', E'La Uni\u00f3n', '{6,7}'),
  ('SV-US', 'SV', E'Usulut\u00e1n', '{6,7}'),
  ('SX', 'SX', 'Sint Maarten (Dutch part)', '{6,7}'),
  ('SY', 'SY', 'Syrian Arab Republic', '{5,6}'),
  ('SZ', 'SZ', 'Eswatini', '{6,7}'),
  ('TC', 'TC', 'Turks and Caicos Islands', '{6,7}'),
  ('TD', 'TD', 'Chad', '{6,7}'),
  ('TF', 'TF', 'French Southern Territories', '{6,7}'),
  ('TG', 'TG', 'Togo', '{6,7}'),
  ('TH', 'TH', 'Thailand', '{6,7}'),
  ('TJ', 'TJ', 'Tajikistan', '{6,7}'),
  ('TK', 'TK', 'Tokelau', '{7}'),
  ('TL', 'TL', 'Timor-Leste', '{6,7}'),
  ('TM', 'TM', 'Turkmenistan', '{6,7}'),
  ('TN', 'TN', 'Tunisia', '{6,7}'),
  ('TO', 'TO', 'Tonga', '{6,7}'),
  ('TR', 'TR', E'T\u00fcrkiye', '{6,7}'),
  ('TT', 'TT', 'Trinidad and Tobago', '{6,7}'),
  ('TV', 'TV', 'Tuvalu', '{6,7}'),
  ('TV-FUN', 'TV', 'Funafuti', '{6,7}'),
  ('TV-NIT', 'TV', 'Niutao', '{6,7}'),
  ('TV-NKF', 'TV', 'Nukufetau', '{6,7}'),
  ('TV-NKL', 'TV', 'Nukulaelae', '{6,7}'),
  ('TV-NMA', 'TV', 'Nanumea', '{6,7}'),
  ('TV-NMG', 'TV', 'Nanumaga', '{6,7}'),
  ('TV-NUI', 'TV', 'Nui', '{6,7}'),
  ('TV-VAI', 'TV', 'Vaitupu', '{6,7}'),
  ('TW', 'TW', 'Taiwan, Province of China', '{6,7}'),
  ('TZ', 'TZ', 'Tanzania, United Republic of', '{6,7}'),
  ('UA', 'UA', 'Ukraine', '{6,7}'),
  ('UG', 'UG', 'Uganda', '{6,7}'),
  ('UM', 'UM', 'United States Minor Outlying Islands', '{6,7}'),
  ('US', 'US', 'United States', '{6,7}'),
  ('US-AK', 'US', 'Alaska', '{6,7}'),
  ('US-AL', 'US', 'Alabama', '{6,7}'),
  ('US-AR', 'US', 'Arkansas', '{6,7}'),
  ('US-AS', 'US', 'American Samoa', '{6,7}'),
  ('US-AZ', 'US', 'Arizona', '{6,7}'),
  ('US-CA', 'US', 'California', '{6,7}'),
  ('US-CO', 'US', 'Colorado', '{6,7}'),
  ('US-CT', 'US', 'Connecticut', '{6,7}'),
  ('US-DC', 'US', 'District of Columbia', '{6,7}'),
  ('US-DE', 'US', 'Delaware', '{6,7}'),
  ('US-FL', 'US', 'Florida', '{6,7}'),
  ('US-GA', 'US', 'Georgia', '{6,7}'),
  ('US-GU', 'US', 'Guam', '{6,7}'),
  ('US-HI', 'US', 'Hawaii', '{6,7}'),
  ('US-IA', 'US', 'Iowa', '{6,7}'),
  ('US-ID', 'US', 'Idaho', '{6,7}'),
  ('US-IL', 'US', 'Illinois', '{6,7}'),
  ('US-IN', 'US', 'Indiana', '{6,7}'),
  ('US-KS', 'US', 'Kansas', '{6,7}'),
  ('US-KY', 'US', 'Kentucky', '{6,7}'),
  ('US-LA', 'US', 'Louisiana', '{6,7}'),
  ('US-MA', 'US', 'Massachusetts', '{6,7}'),
  ('US-MD', 'US', 'Maryland', '{6,7}'),
  ('US-ME', 'US', 'Maine', '{6,7}'),
  ('US-MI', 'US', 'Michigan', '{6,7}'),
  ('US-MN', 'US', 'Minnesota', '{6,7}'),
  ('US-MO', 'US', 'Missouri', '{6,7}'),
  ('US-MP', 'US', 'Northern Mariana Islands', '{6,7}'),
  ('US-MS', 'US', 'Mississippi', '{6,7}'),
  ('US-MT', 'US', 'Montana', '{6,7}'),
  ('US-NC', 'US', 'North Carolina', '{6,7}'),
  ('US-ND', 'US', 'North Dakota', '{6,7}'),
  ('US-NE', 'US', 'Nebraska', '{6,7}'),
  ('US-NH', 'US', 'New Hampshire', '{6,7}'),
  ('US-NJ', 'US', 'New Jersey', '{6,7}'),
  ('US-NM', 'US', 'New Mexico', '{6,7}'),
  ('US-NV', 'US', 'Nevada', '{6,7}'),
  ('US-NY', 'US', 'New York', '{6,7}'),
  ('US-OH', 'US', 'Ohio', '{6,7}'),
  ('US-OK', 'US', 'Oklahoma', '{6,7}'),
  ('US-OR', 'US', 'Oregon', '{6,7}'),
  ('US-PA', 'US', 'Pennsylvania', '{6,7}'),
  ('US-PR', 'US', 'Puerto Rico', '{6,7}'),
  ('US-RI', 'US', 'Rhode Island', '{6,7}'),
  ('US-SC', 'US', 'South Carolina', '{6,7}'),
  ('US-SD', 'US', 'South Dakota', '{6,7}'),
  ('US-TN', 'US', 'Tennessee', '{6,7}'),
  ('US-TX', 'US', 'Texas', '{6,7}'),
  ('US-UM', 'US', 'United States Minor Outlying Islands', '{6,7}'),
  ('US-UT', 'US', 'Utah', '{6,7}'),
  ('US-VA', 'US', 'Virginia', '{6,7}'),
  ('US-VI', 'US', 'Virgin Islands, U.S.', '{6,7}'),
  ('US-VT', 'US', 'Vermont', '{6,7}'),
  ('US-WA', 'US', 'Washington', '{6,7}'),
  ('US-WI', 'US', 'Wisconsin', '{6,7}'),
  ('US-WV', 'US', 'West Virginia', '{6,7}'),
  ('US-WY', 'US', 'Wyoming', '{6,7}'),
  ('UY', 'UY', 'Uruguay', '{6,7}'),
  ('UZ', 'UZ', 'Uzbekistan', '{6,7}'),
  ('VA', 'VA', 'Holy See (Vatican City State)', '{6,7}'),
  ('VC', 'VC', 'Saint Vincent and the Grenadines', '{6,7}'),
  ('VE', 'VE', 'Venezuela, Bolivarian Republic of', '{7}'),
  ('VG', 'VG', 'Virgin Islands, British', '{6,7}'),
  ('VI', 'VI', 'Virgin Islands, U.S.', '{6,7}'),
  ('VN', 'VN', 'Viet Nam', '{6,7}'),
  ('VU', 'VU', 'Vanuatu', '{6,7}'),
  ('WF', 'WF', 'Wallis and Futuna', '{6,7}'),
  ('WS', 'WS', 'Samoa', '{6,7}'),
  ('YE', 'YE', 'Yemen', '{5,6}'),
  ('YT', 'YT', 'Mayotte', '{6,7}'),
  ('ZA', 'ZA', 'South Africa', '{6,7}'),
  ('ZM', 'ZM', 'Zambia', '{6,7}'),
  ('ZW', 'ZW', 'Zimbabwe', '{6,7}');

-- db/schema/15_public_holiday.sql

-- Days on which no relance leaves. Filled by the worker from the library holidays.

create table rubis.public_holiday (
  calendar text not null,
  day rubis.calendar_day not null,
  name text not null,
  constraint public_holiday__pkey primary key (calendar, day),
  constraint public_holiday__calendar foreign key (calendar)
  references rubis.holiday_calendar (calendar)
);
comment on table rubis.public_holiday is
  'Public holidays by calendar (rubis.holiday_calendar), for the years in rubis.holiday_year.';

-- db/schema/16_holiday_year.sql

-- Which years' public holidays are known: a country may have a year without any.

create table rubis.holiday_year (
  calendar text not null,
  year smallint not null,
  filled_at rubis.moment not null default rubis.clock(),
  constraint holiday_year__pkey primary key (calendar, year),
  constraint holiday_year__calendar foreign key (calendar)
  references rubis.holiday_calendar (calendar),
  constraint holiday_year__year check (year between 1970 and 2999)
);
comment on table rubis.holiday_year is
  'The years whose public holidays are in rubis.public_holiday, of the calendars in use. In other '
  'years no relance leaves.';

-- db/schema/20_organization.sql

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

-- db/schema/21_app_user.sql

-- The person who issues invoices and receives check-ins.

create table rubis.app_user (
  organization_id bigint not null,
  user_id bigint generated always as identity,
  email rubis.email not null,
  full_name rubis.name not null,
  locale rubis.locale,
  password_hash text not null,
  password_changed_at rubis.moment,
  email_proven_at rubis.moment,
  release_due boolean not null default false,
  release_from bigint not null default 0,
  created_at rubis.moment not null default rubis.clock(),
  constraint app_user__pkey primary key (organization_id, user_id),
  constraint app_user__organization foreign key (organization_id)
  references rubis.organization (organization_id),
  constraint app_user__password_hash check (password_hash like '$argon2id$%')
);
-- Sign-in by e-mail comes before the organization is known, so this one key is not tenant-first.
create unique index app_user__email on rubis.app_user (rubis.key(email));
comment on table rubis.app_user is
  'A person who issues invoices. Receives the check-ins of the invoices issued.';
comment on column rubis.app_user.email is
  'As typed; unique by rubis.key. RFC 5321 allows 254 characters.';
create index app_user__release_due on rubis.app_user (organization_id, user_id) where release_due;
comment on column rubis.app_user.locale is
  'Language of this user''s pages and mails; null for the organization''s.';
comment on column rubis.app_user.email_proven_at is
  'When a person first did something with a mail to this address: pressed a button, or gave an '
  'answer by link that nothing contradicted. Until then no relance leaves in this user''s name.';
comment on column rubis.app_user.release_due is
  'The tick has yet to let go the questions and relances that waited for the proof, or the '
  'questions that waited when the address became another.';
comment on column rubis.app_user.release_from is
  'While release_due: the tick has looked again at the relances of the invoices up to this one.';
comment on column rubis.app_user.password_hash is
  'argon2id in PHC string format, made and verified by the API.';
comment on column rubis.app_user.password_changed_at is
  'When it was last changed; links for a forgotten password that were mailed before are void.';

-- db/schema/22_access_token.sql

-- The right to call the API for half an hour, or to use the web app while one keeps coming back.

create table rubis.access_token (
  organization_id bigint not null,
  access_token_id bigint generated always as identity,
  user_id bigint not null,
  session_id uuid not null,
  token_hash rubis.sha256 not null,
  kind rubis.session_kind not null default 'api',
  created_at rubis.moment not null default rubis.clock(),
  seen_at rubis.moment not null default rubis.clock(),
  expires_at rubis.moment not null,
  device rubis.line,
  address rubis.line,
  message jsonb,
  constraint access_token__pkey primary key (organization_id, access_token_id),
  constraint access_token__app_user foreign key (organization_id, user_id)
  references rubis.app_user (organization_id, user_id),
  constraint access_token__message check (
    message is null
    or kind = 'web' and jsonb_typeof(message) = 'object' and length(message::text) <= 4000
  )
);
-- The hash is looked up before the organization is known, so this key is not tenant-first.
create unique index access_token__token_hash on rubis.access_token (token_hash);
create index access_token__user on rubis.access_token (organization_id, user_id);
create index access_token__session on rubis.access_token (organization_id, session_id);
create index access_token__expires_at on rubis.access_token (expires_at);
comment on table rubis.access_token is
  'Bearer tokens of the API and sessions of the web app, by SHA-256 only.';
comment on column rubis.access_token.session_id is
  'One sign-in: the family revoked as a whole when its refresh token is used twice.';
comment on column rubis.access_token.token_hash is
  'SHA-256 of the 43 base64url characters of the token.';
comment on column rubis.access_token.kind is
  'api: a bearer token beside a refresh token; web: the cookie of a browser, which slides.';
comment on column rubis.access_token.seen_at is
  'When a web session was last moved on; to the hour.';
comment on column rubis.access_token.device is
  'Of a web session: the browser and its system, in words.';
comment on column rubis.access_token.address is
  'Of a web session: from where it was last moved on, an IPv4 address or an IPv6 network.';
comment on column rubis.access_token.message is
  'What the next page of this web session says has just happened; shown once.';

-- db/schema/23_refresh_token.sql

-- The right to a new access token for thirty days; each use replaces it.

create table rubis.refresh_token (
  organization_id bigint not null,
  refresh_token_id bigint generated always as identity,
  user_id bigint not null,
  session_id uuid not null,
  token_hash rubis.sha256 not null,
  created_at rubis.moment not null default rubis.clock(),
  expires_at rubis.moment not null,
  used_at rubis.moment,
  revoked_at rubis.moment,
  began_at rubis.moment not null default rubis.clock(),
  device rubis.line,
  address rubis.line,
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
comment on column rubis.refresh_token.used_at is
  'When it was first exchanged for the next one; for 30 s more it is exchanged again.';
comment on column rubis.refresh_token.began_at is 'When its session was opened.';
comment on column rubis.refresh_token.device is 'What asked for it, in words.';
comment on column rubis.refresh_token.address is
  'From where it was asked for: an IPv4 address or an IPv6 network.';
comment on column rubis.refresh_token.revoked_at is
  'Signed out, or the session was revoked because a token was used twice.';

-- db/schema/24_rate_limit.sql

-- How many attempts a key has left, shared by all processes. What a crash empties fills again by
-- itself, so it is unlogged: counting waits for no disk.

create unlogged table rubis.rate_limit (
  key rubis.sha256 not null,
  free_at rubis.moment not null,
  constraint rate_limit__pkey primary key (key)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
comment on table rubis.rate_limit is
  'One row per address or e-mail that attempted something limited a short time ago.';
comment on column rubis.rate_limit.key is
  'SHA-256 of what is limited and of the address or e-mail.';
comment on column rubis.rate_limit.free_at is
  'When all attempts of this key are forgotten. Each attempt moves it on by period / rate.';

-- db/schema/25_relance_plan.sql

-- When an organization reminds its clients, and in what tone.

create table rubis.relance_plan (
  organization_id bigint not null,
  relance_plan_id bigint generated always as identity,
  name rubis.name not null,
  is_default boolean not null default false,
  created_at rubis.moment not null default rubis.clock(),
  constraint relance_plan__pkey primary key (organization_id, relance_plan_id),
  constraint relance_plan__organization foreign key (organization_id)
  references rubis.organization (organization_id)
);
-- An expression, also so that a new name is no new key: the foreign keys of relances need not wait
-- for it.
create unique index relance_plan__name on rubis.relance_plan (organization_id, rubis.key(name));
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
  days_after_due rubis.days_after_due not null,
  tone rubis.tone not null,
  constraint relance_plan_step__pkey primary key (organization_id, relance_plan_id, step),
  constraint relance_plan_step__plan foreign key (organization_id, relance_plan_id)
  references rubis.relance_plan (organization_id, relance_plan_id),
  constraint relance_plan_step__step check (step >= 1),
  constraint relance_plan_step__days_distinct unique (
    organization_id, relance_plan_id, days_after_due)
  deferrable initially immediate
);
comment on table rubis.relance_plan_step is
  'One reminder of a plan: how long after the due date, and in what tone.';
comment on column rubis.relance_plan_step.days_after_due is
  'Calendar days after the due date; at least one, for the check-in comes first.';

-- db/schema/27_planning.sql

-- What makes planning and a change of what planning reads wait for each other.

create table rubis.planning (
  organization_id bigint not null,
  constraint planning__pkey primary key (organization_id),
  constraint planning__organization foreign key (organization_id)
  references rubis.organization (organization_id)
);
comment on table rubis.planning is
  'One row per organization, only to be locked: shared by who plans a question or a relance, held '
  'by who changes settings, plan or client and plans again.';

-- db/schema/28_agenda.sql

-- When an organization has something to do next.

create table rubis.agenda (
  organization_id bigint not null,
  next_due_at rubis.moment,
  ticked_at rubis.moment,
  failures rubis.attempts not null default 0,
  failed_at rubis.moment,
  failure_detail text,
  constraint agenda__pkey primary key (organization_id),
  constraint agenda__organization foreign key (organization_id)
  references rubis.organization (organization_id),
  constraint agenda__failure_facts check (
    (failures > 0) = (failed_at is not null) and (failed_at is null) = (failure_detail is null)
  )
);
create index agenda__next_due_at on rubis.agenda (next_due_at);
create index agenda__failing on rubis.agenda (organization_id) where failures > 0;
comment on table rubis.agenda is
  'One row per organization: when its next tick is due. A tick holds the row, so that one worker '
  'at a time works for an organization; nothing else holds it, so a click never waits for a tick.';
comment on column rubis.agenda.next_due_at is
  'When something of the organization is due; null if nothing is.';
comment on column rubis.agenda.ticked_at is 'When its last tick succeeded.';
comment on column rubis.agenda.failures is 'How many of its ticks failed in a row.';

-- db/schema/28_past_schedule.sql

-- What questions were planned by before a change.

create table rubis.past_schedule (
  organization_id bigint not null,
  schedule_version bigint not null,
  time_zone text not null,
  checkin_time time(0) not null,
  ended_at rubis.moment not null default rubis.clock(),
  constraint past_schedule__pkey primary key (organization_id, schedule_version),
  constraint past_schedule__organization foreign key (organization_id)
  references rubis.organization (organization_id),
  constraint past_schedule__checkin_time check (checkin_time < '24:00')
);
comment on table rubis.past_schedule is
  'One row for each organization.schedule_version that is over. It tells which questions stand at '
  'their due date''s moment, and what was due already when the settings or a plan changed.';
comment on column rubis.past_schedule.time_zone is 'The organization''s zone under this version.';
comment on column rubis.past_schedule.checkin_time is 'Its check-in time under this version.';
comment on column rubis.past_schedule.ended_at is
  'When the next version began. What was due by then keeps its moment.';

-- db/schema/29_wake.sql

-- What has just become due, told by the triggers of the tables that hold it.

create table rubis.wake (
  organization_id bigint not null,
  at rubis.moment not null
);
comment on table rubis.wake is
  'An organization has something due at a moment. Only inserted, so no writer waits for another; '
  'the next tick moves it into rubis.agenda. A row that a tick could not see yet is left for the '
  'tick after it, so nothing due is missed. No key and no index: it is almost always empty.';
comment on column rubis.wake.at is 'When something of the organization is due.';

-- db/schema/30_client.sql

-- Who owes the invoices of an organization.

create table rubis.client (
  organization_id bigint not null,
  client_id bigint generated always as identity,
  name rubis.name not null,
  email rubis.email,
  locale rubis.locale,
  is_business boolean not null default false,
  relance_plan_id bigint,
  relances_off boolean not null default false,
  terms_days rubis.terms_days,
  terms_end_of_month boolean,
  is_sample boolean not null default false,
  paused_until rubis.pause_day,
  pause_reason rubis.line,
  merged_into_client_id bigint,
  doubted_at rubis.moment,
  created_at rubis.moment not null default rubis.clock(),
  search_key text collate "C" not null generated always as (rubis.search_key(name)) stored,
  constraint client__pkey primary key (organization_id, client_id),
  constraint client__organization foreign key (organization_id)
  references rubis.organization (organization_id),
  constraint client__relance_plan foreign key (organization_id, relance_plan_id)
  references rubis.relance_plan (organization_id, relance_plan_id),
  constraint client__merged_into foreign key (organization_id, merged_into_client_id)
  references rubis.client (organization_id, client_id),
  constraint client__not_itself check (merged_into_client_id <> client_id),
  constraint client__terms_facts check (
    (terms_days is null) = (terms_end_of_month is null)
  ),
  constraint client__pause_facts check (paused_until is not null or pause_reason is null)
);
-- Of merged ones too: their names still lead to the client they are merged into.
create unique index client__name_email on rubis.client (
  organization_id, rubis.key(name), coalesce(rubis.key(email), '')
);
-- What api.find_clients looks for: the beginning of a name.
create index client__name on rubis.client (organization_id, (rubis.key(name) collate "C"))
where merged_into_client_id is null;
create index client__is_sample on rubis.client (organization_id) where is_sample;
create index client__email on rubis.client (organization_id, rubis.key(email))
where merged_into_client_id is null;
create index client__merged_into_client_id on rubis.client (organization_id, merged_into_client_id)
where merged_into_client_id is not null;
create index client__relance_plan_id on rubis.client (organization_id, relance_plan_id)
where relance_plan_id is not null;
create index client__created_at on rubis.client (organization_id, created_at, client_id)
where merged_into_client_id is null;
create index client__paused_until on rubis.client (organization_id, paused_until)
where merged_into_client_id is null and paused_until is not null;
create index client__search_key on rubis.client (organization_id, search_key, client_id)
where merged_into_client_id is null;
comment on table rubis.client is 'Who owes invoices; receives relances, never check-ins.';
comment on column rubis.client.locale is
  'Language of the letters to this client; null for the organization''s.';
comment on column rubis.client.is_business is
  'Whether the law on late payment between businesses may be cited.';
comment on column rubis.client.relance_plan_id is 'A plan of its own; null for the default.';
comment on column rubis.client.relances_off is 'Never to be reminded.';
comment on column rubis.client.terms_days is
  'Its terms of payment; null for the organization''s. See rubis.due_on.';
comment on column rubis.client.terms_end_of_month is
  'Whether terms_days count to the end of the month that they end in.';
comment on column rubis.client.is_sample is
  'Made by api.ask_sample for its invoice; no list shows it.';
comment on column rubis.client.paused_until is
  'No relance until this day is over; infinity until resumed.';
comment on column rubis.client.merged_into_client_id is
  'The client that this one turned out to be, itself never merged. It answers for this one.';
comment on column rubis.client.email is 'Where relances go; without it none can leave.';
comment on column rubis.client.doubted_at is
  'When a pause of this client was last changed or lifted. What the owner said before counts no '
  'longer.';
comment on column rubis.client.search_key is
  'What the name is searched and sorted by: rubis.search_key.';

-- db/schema/31_letter_wording.sql

-- How an organization says a letter in its own words.

create table rubis.letter_wording (
  organization_id bigint not null,
  tone rubis.tone not null,
  locale rubis.locale not null,
  opening rubis.wording,
  request rubis.wording,
  updated_at rubis.moment not null default rubis.clock(),
  constraint letter_wording__pkey primary key (organization_id, tone, locale),
  constraint letter_wording__organization foreign key (organization_id)
  references rubis.organization (organization_id),
  constraint letter_wording__some_words check (opening is not null or request is not null)
);
comment on table rubis.letter_wording is
  'What an organization says in its own words in the letters of a tone and language. All else in a '
  'letter is ours: the facts, what the law says, the contacts; and what makes a formal notice one.';
comment on column rubis.letter_wording.opening is
  'What stands before the facts, the salutation included; null: our words.';
comment on column rubis.letter_wording.request is
  'What is asked for after the facts; in a formal notice it stands after our own. Null: our words.';

-- db/schema/50_invoice.sql

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

-- db/schema/60_checkin_task.sql

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

-- db/schema/70_relance.sql

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

-- db/schema/72_mail.sql

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

-- db/schema/73_mail_attempt.sql

-- One row per attempt to send a mail, and what became of it.

create table rubis.mail_attempt (
  organization_id bigint not null,
  mail_id bigint not null,
  attempt smallint not null,
  to_address text not null,
  message_id text not null,
  spacing_days smallint,
  attempted_at rubis.moment not null default rubis.clock(),
  last_word_at rubis.moment,
  accepted_at rubis.moment,
  failed_at rubis.moment,
  failure_class rubis.failure_class,
  failure_detail text,
  constraint mail_attempt__pkey primary key (organization_id, mail_id, attempt),
  constraint mail_attempt__mail foreign key (organization_id, mail_id)
  references rubis.mail (organization_id, mail_id),
  constraint mail_attempt__attempt check (attempt >= 1),
  constraint mail_attempt__message_id check (message_id ~ '^<[^<>[:space:][:cntrl:]]+>$'),
  constraint mail_attempt__failure_facts check ((failure_class is null) = (failed_at is null)),
  constraint mail_attempt__one_fate check (accepted_at is null or failed_at is null)
);
create index mail_attempt__attempted_at on rubis.mail_attempt (organization_id, attempted_at);
-- Of all organizations: outages of the mail server concern all.
create index mail_attempt__failed_at on rubis.mail_attempt (failed_at)
where failure_class = 'operator';
create index mail_attempt__tried_at on rubis.mail_attempt (failed_at)
where failure_class in ('temporary', 'operator', 'unknown', 'withdrawn');
create index mail_attempt__accepted_at on rubis.mail_attempt (accepted_at);
comment on table rubis.mail_attempt is
  'One attempt to send a mail. Its links live 24 h from coalesce(accepted_at, attempted_at).';
comment on column rubis.mail_attempt.message_id is
  'The Message-ID header, known before it leaves: the letters about an invoice refer to the first '
  'one''s (RFC 5322, 3.6.4).';
comment on column rubis.mail_attempt.last_word_at is
  'Of a letter: when its last word was given. Before that it has not left, after that it may have.';
comment on column rubis.mail_attempt.spacing_days is
  'Letters: how many local days had to lie between it and the last one to the address: '
  'organization.client_spacing_days of then.';
comment on column rubis.mail_attempt.failure_class is
  'temporary and operator: tried again. refused: never; the client is paused. unknown: a letter is '
  'never sent again by itself, another mail is, for it may be lost. withdrawn: the last word found '
  'nothing left to say; judged again.';

-- db/schema/74_mail_item.sql

-- What one attempt put into somebody's hands. Append-only.

create table rubis.mail_item (
  organization_id bigint not null,
  mail_id bigint not null,
  attempt smallint not null,
  position smallint not null,
  invoice_id bigint,
  checkin_task_id bigint,
  relance_id bigint,
  token_hash rubis.sha256,
  answered_at rubis.moment,
  word_at rubis.moment,
  word_age_days smallint,
  word_valid_days smallint,
  withdrawn_at rubis.moment,
  constraint mail_item__pkey primary key (organization_id, mail_id, attempt, position),
  constraint mail_item__attempt foreign key (organization_id, mail_id, attempt)
  references rubis.mail_attempt (organization_id, mail_id, attempt),
  constraint mail_item__invoice foreign key (organization_id, invoice_id)
  references rubis.invoice (organization_id, invoice_id),
  constraint mail_item__task foreign key (organization_id, checkin_task_id)
  references rubis.checkin_task (organization_id, checkin_task_id),
  constraint mail_item__relance foreign key (organization_id, relance_id)
  references rubis.relance (organization_id, relance_id),
  constraint mail_item__position check (position >= 1),
  constraint mail_item__one_matter check (
    num_nonnulls(checkin_task_id, relance_id) = (invoice_id is not null)::int
  ),
  -- What a client reads holds no link.
  constraint mail_item__link check ((token_hash is null) = (relance_id is not null)),
  constraint mail_item__answer_facts check (answered_at is null or checkin_task_id is not null),
  constraint mail_item__word_facts check (
    num_nonnulls(word_at, word_age_days, word_valid_days)
      = case when relance_id is null then 0 else 3 end
  ),
  constraint mail_item__word_fresh check (word_age_days between 0 and word_valid_days),
  constraint mail_item__withdrawn_facts check (withdrawn_at is null or relance_id is not null)
);
-- A click knows only the token, so this key is not tenant-first.
create unique index mail_item__token_hash on rubis.mail_item (token_hash)
where token_hash is not null;
create index mail_item__task_id on rubis.mail_item (organization_id, checkin_task_id, mail_id)
where checkin_task_id is not null;
create index mail_item__relance_id on rubis.mail_item (organization_id, relance_id, mail_id)
where relance_id is not null;
create index mail_item__invoice_id on rubis.mail_item (organization_id, invoice_id, mail_id)
where invoice_id is not null;
comment on table rubis.mail_item is
  'One thing that an attempt to mail said: a question, the receipt of its answer, the reminder of '
  'an invoice, or the proof of an address. Links of earlier attempts stay alive.';
comment on column rubis.mail_item.position is 'Its place in the mail, from 1.';
comment on column rubis.mail_item.token_hash is
  'SHA-256 of the 43 base64url characters in its links; the token itself is never stored.';
comment on column rubis.mail_item.answered_at is 'Receipts: the answer that it confirms.';
comment on column rubis.mail_item.word_at is
  'Letters: the question that it rests on: when it was mailed, or answered in the app.';
comment on column rubis.mail_item.word_age_days is
  'How many local days before this letter that was.';
comment on column rubis.mail_item.word_valid_days is
  'How many were allowed then: organization.question_valid_days.';
comment on column rubis.mail_item.withdrawn_at is
  'Letters: the last word left it out of the letter, which left without it or not at all.';

-- db/schema/75_letter_text.sql

-- The letters that left, word for word.

create table rubis.letter_text (
  organization_id bigint not null,
  mail_id bigint not null,
  attempt smallint not null,
  subject text not null,
  body text not null,
  kept_until rubis.moment not null,
  constraint letter_text__pkey primary key (organization_id, mail_id, attempt),
  constraint letter_text__attempt foreign key (organization_id, mail_id, attempt)
  references rubis.mail_attempt (organization_id, mail_id, attempt)
);
create index letter_text__kept_until on rubis.letter_text (kept_until);
comment on table rubis.letter_text is
  'The text of a letter that left, or may have left. Of mails that hold a link no text is kept.';
comment on column rubis.letter_text.kept_until is
  'A chore removes it then: organization.letters_kept_days after it left.';

-- db/schema/76_address_change.sql

-- A user's wish for another address: confirmed from the new one, stopped from the old one.

create table rubis.address_change (
  organization_id bigint not null,
  address_change_id bigint generated always as identity,
  user_id bigint not null,
  old_email rubis.email not null,
  new_email rubis.email not null,
  requested_at rubis.moment not null default rubis.clock(),
  changed_at rubis.moment,
  stopped_at rubis.moment,
  constraint address_change__pkey primary key (organization_id, address_change_id),
  constraint address_change__app_user foreign key (organization_id, user_id)
  references rubis.app_user (organization_id, user_id)
);
create index address_change__user on rubis.address_change (organization_id, user_id);
comment on table rubis.address_change is
  'A change of a user''s address: asked for with the password, made by the button of the mail to '
  'the new address, stopped or taken back by that of the mail to the old one.';
comment on column rubis.address_change.changed_at is 'When it was confirmed from the new address.';
comment on column rubis.address_change.stopped_at is
  'When it was stopped or taken back, or another was asked for in its place.';

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
  occurred_at rubis.moment not null default rubis.clock(),
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
create index activity_event__kind on rubis.activity_event (
  organization_id, kind, occurred_at, activity_event_id
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
  created_at rubis.moment not null default rubis.clock(),
  -- With the deltas: what an organization has earned is read from this index alone.
  constraint rubis_entry__pkey primary key (organization_id, rubis_entry_id) include (delta),
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
  source rubis.line,
  created_at rubis.moment not null default rubis.clock(),
  constraint import_batch__pkey primary key (organization_id, import_batch_id),
  constraint import_batch__app_user foreign key (organization_id, user_id)
  references rubis.app_user (organization_id, user_id)
);
create index import_batch__user_id on rubis.import_batch (organization_id, user_id);
create index import_batch__created_at on rubis.import_batch (
  organization_id, created_at, import_batch_id
);
comment on table rubis.import_batch is 'What one import brought: a set of drafts.';
comment on column rubis.import_batch.user_id is
  'Who imported; the issuer of the invoices made from its drafts.';
comment on column rubis.import_batch.source is
  'Where the drafts were read: the name of a file, or paste; null if the caller does not say.';

-- db/schema/91_import_draft.sql

-- An invoice to be, edited until the user validates or discards it.

create table rubis.import_draft (
  organization_id bigint not null,
  import_draft_id bigint generated always as identity,
  import_batch_id bigint not null,
  position smallint not null,
  status rubis.draft_status not null default 'pending',
  number rubis.name,
  client_name rubis.name,
  client_email rubis.email,
  issued_on rubis.calendar_day,
  due_on rubis.calendar_day,
  amount_cents rubis.amount_cents,
  currency rubis.currency,
  source_row int,
  faults rubis.read_faults not null default '[]',
  invoice_id bigint,
  validated_at rubis.moment,
  discarded_at rubis.moment,
  created_at rubis.moment not null default rubis.clock(),
  constraint import_draft__pkey primary key (organization_id, import_draft_id),
  constraint import_draft__batch foreign key (organization_id, import_batch_id)
  references rubis.import_batch (organization_id, import_batch_id),
  constraint import_draft__invoice foreign key (organization_id, invoice_id)
  references rubis.invoice (organization_id, invoice_id),
  constraint import_draft__position unique (organization_id, import_batch_id, position),
  constraint import_draft__one_invoice unique (organization_id, invoice_id),
  constraint import_draft__source_row check (source_row between 1 and 9999999),
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
comment on column rubis.import_draft.source_row is
  'The row of the table that it was read from, as a spreadsheet counts; null for other sources.';
comment on column rubis.import_draft.faults is
  'What could not be read. A fault goes when its field is corrected.';

-- db/schema/95_worker_heartbeat.sql

-- Whether workers tick.

create table rubis.worker_heartbeat (
  worker rubis.line not null,
  started_at rubis.moment not null default rubis.clock(),
  last_tick_at rubis.moment not null default rubis.clock(),
  constraint worker_heartbeat__pkey primary key (worker)
) with (fillfactor = 50);
comment on table rubis.worker_heartbeat is
  'One row per worker process of the last week; /readyz and audit.stuck_worker read it.';
comment on column rubis.worker_heartbeat.worker is 'host:pid of the process.';

-- db/schema/97_backup.sql

-- When the database was last backed up, so that an alert can tell when it was not.

create table rubis.backup (
  is_last boolean not null default true,
  made_at rubis.moment not null,
  constraint backup__pkey primary key (is_last),
  constraint backup__one_row check (is_last)
);
comment on table rubis.backup is
  'The last backup by rubis backup, one row; none before the first one. The backup itself holds '
  'the row of the one before.';
comment on column rubis.backup.made_at is 'When its file was complete.';

-- db/schema/98_outage.sql

-- When nothing left, so that the users concerned are told once it is over.

create table rubis.outage (
  outage_id bigint generated always as identity,
  kind rubis.outage_kind not null,
  began_at rubis.moment not null,
  ended_at rubis.moment not null,
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

-- All mails that failed for reasons of ours.
create view rubis.operator_failure as
select a.failed_at, a.organization_id, x.invoice_id
  from rubis.mail_attempt as a
  left join rubis.mail_item as x
    on x.organization_id = a.organization_id and x.mail_id = a.mail_id and x.attempt = a.attempt
 where a.failure_class = 'operator';
comment on view rubis.operator_failure is
  'What mails of any kind said that failed for operator reasons.';
comment on column rubis.operator_failure.invoice_id is
  'The invoice that the item is about; null if it is about none.';

-- db/schema/99_checkin_click.sql

-- The clicks on known tokens, with what they led to. Looking at a page writes nothing; its buttons
-- do.

create table rubis.checkin_click (
  organization_id bigint not null,
  checkin_click_id bigint generated always as identity,
  mail_id bigint not null,
  attempt smallint not null,
  position smallint not null,
  via rubis.click_via not null default 'link',
  answer rubis.click_answer,
  outcome rubis.click_outcome not null,
  user_agent rubis.user_agent,
  clicked_at rubis.moment not null default rubis.clock(),
  constraint checkin_click__pkey primary key (organization_id, checkin_click_id),
  constraint checkin_click__item foreign key (organization_id, mail_id, attempt, position)
  references rubis.mail_item (organization_id, mail_id, attempt, position),
  constraint checkin_click__answer_facts check (answer is not null or via = 'page')
);
create index checkin_click__item on rubis.checkin_click (
  organization_id, mail_id, attempt, position, clicked_at
);
-- Those that may be forgotten: a chore reads them, of all organizations.
create index checkin_click__changed_nothing on rubis.checkin_click (clicked_at)
where outcome in ('already_answered', 'expired', 'confirm', 'unchanged');
comment on table rubis.checkin_click is
  'The clicks on tokens that exist, append-only; of those that changed nothing the first twenty of '
  'a kind (rubis.record_click). Clicks on unknown tokens leave no row.';
comment on column rubis.checkin_click.position is
  'With mail_id and attempt: the item whose link or page was used, of a question, a receipt or '
  'the word that paid was clicked.';
comment on column rubis.checkin_click.via is
  'link: a link of the mail was followed (GET). page: a button was pressed (POST).';
comment on column rubis.checkin_click.answer is
  'Which answer was asked for; null: to take back the one given.';
comment on column rubis.checkin_click.outcome is
  'paid, pending: it counted. already_answered, expired, unchanged: nothing changed. asked_again: '
  'too late, but it said paid, so the question is asked again. contradicted: it took the first '
  'answer back. confirm: it led to the page. undone: the answer was taken back.';
