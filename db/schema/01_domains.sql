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
