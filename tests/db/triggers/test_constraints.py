"""Every domain, CHECK, UNIQUE and FOREIGN KEY refuses what it is there to refuse, by its name."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from tests.support.cast import Cast, populated
from tests.support.letters import correspond
from tests.support.session import Session

LONG = "x" * 201
CHECKS = {
    "state_transition__moves": "update rubis.state_transition set to_status = from_status",
    "app_user__password_hash": "update rubis.app_user set password_hash = 'azerty'",
    "relance_plan_step__step": "update rubis.relance_plan_step set step = step - 1",
    "invoice__due_on": "update rubis.invoice set due_on = issued_on - 1",
    "invoice__paid_facts": "update rubis.invoice set paid_at = now()",
    "invoice__cancelled_facts": "update rubis.invoice set cancelled_at = now()",
    "checkin_task__hold_facts": "update rubis.checkin_task set hold_reason = 'address_unproven'",
    "checkin_task__sent_facts": "update rubis.checkin_task set expires_at = null",
    "checkin_task__answer_facts": "update rubis.checkin_task set status = 'answered'",
    "checkin_task__end_facts": "update rubis.checkin_task set end_reason = 'no reason'",
    "checkin_task__receipt_facts": "update rubis.checkin_task set receipt_at = now() where answer is null",
    "mail__recipient": "update rubis.mail set address_key = null where kind = 'letter'",
    "mail__said_paid_facts": "update rubis.mail set kind = 'said_paid' where kind = 'verify_email'",
    "mail__unconfirmed_facts": "update rubis.mail set status = 'unconfirmed' where kind = 'questions'",
    "mail__next_attempt": "update rubis.mail set next_attempt_at = now() where status = 'sent'",
    "mail__lease": "update rubis.mail set lease_expires_at = now() where status = 'sent'",
    "mail__end_facts": "update rubis.mail set ended_at = null",
    "mail_attempt__attempt": "insert into rubis.mail_attempt"
    " (organization_id, mail_id, attempt, to_address, message_id)"
    " select organization_id, mail_id, 0, to_address, message_id from rubis.mail_attempt",
    "mail_attempt__message_id": "update rubis.mail_attempt set message_id = 'no brackets'",
    "mail_attempt__failure_facts": "update rubis.mail_attempt set accepted_at = null, failed_at = now()",
    "mail_attempt__one_fate": "update rubis.mail_attempt set failed_at = now(), failure_class = 'unknown'",
    "mail_item__position": "update rubis.mail_item set position = position - 1",
    "mail_item__one_matter": "update rubis.mail_item set invoice_id = null where checkin_task_id is not null",
    "mail_item__link": "update rubis.mail_item set token_hash = null",
    "mail_item__answer_facts": "update rubis.mail_item set answered_at = now() where checkin_task_id is null",
    "mail_item__word_facts": "update rubis.mail_item set word_at = null",
    "mail_item__word_fresh": "update rubis.mail_item set word_age_days = word_valid_days + 1",
    "mail_item__withdrawn_facts": "update rubis.mail_item set withdrawn_at = now() where relance_id is null",
    "checkin_click__answer_facts": "update rubis.checkin_click set answer = null where via = 'link'",
    "relance__next_look": "update rubis.relance set next_look_at = null",
    "relance__sent_facts": "update rubis.relance set sent_at = now()",
    "relance__cancel_facts": "update rubis.relance set cancel_reason = 'no reason'",
    "rubis_entry__delta": "update rubis.rubis_entry set delta = 2",
    "relance__hold_facts": "update rubis.relance set hold_reason = 'paused' where status = 'cancelled'",
    "organization__checkin_time": "update rubis.organization set checkin_time = '24:00'",
    "organization__relance_time": "update rubis.organization set relance_time = '24:00'",
    "holiday_calendar__of_country": "update rubis.holiday_calendar set country = 'DE'"
    " where calendar = 'FR-57'",
    "holiday_calendar__weekend": "update rubis.holiday_calendar set weekend = '{6,8}' where calendar = 'FR'",
    "holiday_year__year": "insert into rubis.holiday_year values ('FR', 3000)",
    "organization__signature": "update rubis.organization set signature = ''",
    "organization__late_penalty_rate": "update rubis.organization set late_penalty_rate = 101",
    "organization__daily_relance_quota": "update rubis.organization set daily_relance_quota = -1",
    "organization__question_valid_days": "update rubis.organization set question_valid_days = 1",
    "organization__questions_per_mail": "update rubis.organization set questions_per_mail = 51",
    "organization__question_mails_per_day": "update rubis.organization set question_mails_per_day = 0",
    "organization__client_spacing_days": "update rubis.organization set client_spacing_days = 31",
    "organization__letters_kept_days": "update rubis.organization set letters_kept_days = 29",
    "organization__contradiction_seconds": "update rubis.organization set contradiction_seconds = 0",
    "organization__vat_number": "update rubis.organization set siren = '552100554',"
    " vat_number = 'FR44732829320'",
    "client__terms_facts": "update rubis.client set terms_days = 30",
    "client__not_itself": "update rubis.client set merged_into_client_id = client_id",
    "client__pause_facts": "update rubis.client set pause_reason = 'no pause'",
    "invoice__pause_facts": "update rubis.invoice set pause_reason = 'no pause'",
    "invoice__sample_facts": "update rubis.invoice set is_sample = true",
    "invoice__removed_facts": "update rubis.invoice set removed_at = now()",
    "agenda__failure_facts": "update rubis.agenda set failures = 1",
    "past_schedule__checkin_time": "update rubis.past_schedule set checkin_time = '24:00'",
    "backup__one_row": "insert into rubis.backup (is_last, made_at) values (false, now())",
    "outage__length": "insert into rubis.outage (kind, began_at, ended_at)"
    " values ('mail', '2026-01-01', '2026-01-01')",
    "access_token__message": "update rubis.access_token set message = '{}' where kind = 'api'",
    "letter_wording__some_words": "update rubis.letter_wording set opening = null, request = null",
    "import_draft__source_row": "update rubis.import_draft set source_row = 0",
    "import_draft__validated_facts": "update rubis.import_draft set validated_at = now()",
    "import_draft__discarded_facts": "update rubis.import_draft set discarded_at = now()",
}
# What each domain refuses; every column of that domain is tried with it.
DOMAINS: dict[str, tuple[str, list[Any]]] = {
    "line": ("line__one_line", ["", LONG, "\u200b", "\u00a0\u3000"]),
    "name": ("name__no_link", ["a@b", "http://a", "WwW.a", "\uff57ww.a", "a\uff20b"]),
    "email": ("email__form", ["nobody", "a b@c.test"]),
    "locale": ("locale__known", ["de", "FR"]),
    "country": ("country__known", ["EL", "XK", "fr", "France"]),
    "currency": ("currency__known", ["XYZ", "XXX", "XTS", "XAU", "DEM", "EURO", "eur", "€"]),
    "user_agent": ("user_agent__length", ["x" * 501]),
    "amount_cents": ("amount_cents__range", [0, -1, 1_000_000_000_001]),
    "calendar_day": ("calendar_day__range", [date(1969, 12, 31), date(3000, 1, 1)]),
    "pause_day": ("pause_day__range", ["-infinity", "1969-12-31", "3000-01-01", "5874897-12-31"]),
    "moment": ("moment__range", ["-infinity", "infinity", "1969-12-31", "3100-01-02", "294276-12-31"]),
    "days_after_due": ("days_after_due__range", [0, 366, 32767]),
    "terms_days": ("terms_days__range", [-1, 366]),
    "session_kind": ("session_kind__known", ["mobile"]),
    "wording": ("wording__form", ["", "x" * 2001, "x" * 201, "{montant}", "www.a", "a\u0007", "{www.a|b}"]),
    "read_faults": (
        "read_faults__form",
        ["{}", "[1]", '[{"code": "Other code", "field": "number"}]', '[{"code": "form", "field": "phone"}]'],
    ),
    "siren": ("siren__check_digit", ["732829321", "73282932", "732 829 320", "7328293200", "", "x" * 9]),
    "vat_number": ("vat_number__form", ["FR45732829320", "FRO7732829320", "FR1", "de123456789", ""]),
    "attempts": ("attempts__range", [-1, 2**31 - 1]),
    "sha256": ("sha256__length", [b"\0", b"\0" * 64]),
    "invoice_status": ("invoice_status__known", ["late"]),
    "paid_via": ("paid_via__known", ["rumour"]),
    "checkin_status": ("checkin_status__known", ["lost"]),
    "checkin_answer": ("checkin_answer__known", ["maybe", "pending"]),
    "answered_via": ("answered_via__known", ["fax"]),
    "click_via": ("click_via__known", ["app"]),
    "click_answer": ("click_answer__known", ["maybe", "still_pending"]),
    "click_outcome": ("click_outcome__known", ["invalid"]),
    "click_mode": ("click_mode__known", ["guess"]),
    "relance_status": ("relance_status__known", ["lost"]),
    "tone": ("tone__known", ["rude"]),
    "failure_class": ("failure_class__known", ["mood"]),
    "event_kind": ("event_kind__known", ["gossip"]),
    "mail_status": ("mail_status__known", ["lost"]),
    "mail_kind": ("mail_kind__known", ["newsletter"]),
    "mail_format": ("mail_format__known", ["html"]),
    "draft_status": ("draft_status__known", ["lost"]),
    "outage_kind": ("outage_kind__known", ["sun"]),
}
UNIQUES = {
    "app_user__email": "insert into rubis.app_user (organization_id, email, full_name, password_hash)"
    " select organization_id, upper(email), full_name, password_hash from rubis.app_user",
    "access_token__token_hash": "insert into rubis.access_token"
    " (organization_id, user_id, session_id, token_hash, expires_at)"
    " select organization_id, user_id, session_id, token_hash, expires_at from rubis.access_token",
    "refresh_token__token_hash": "insert into rubis.refresh_token"
    " (organization_id, user_id, session_id, token_hash, expires_at)"
    " select organization_id, user_id, session_id, token_hash, expires_at from rubis.refresh_token",
    "client__name_email": "insert into rubis.client (organization_id, name, email)"
    " select organization_id, lower(name), upper(email) from rubis.client",
    "relance_plan__name": "insert into rubis.relance_plan (organization_id, name)"
    " select organization_id, name from rubis.relance_plan",
    "relance_plan__one_default": "insert into rubis.relance_plan (organization_id, name, is_default)"
    " select organization_id, 'B', true from rubis.relance_plan",
    "relance_plan_step__days_distinct": "update rubis.relance_plan_step set days_after_due = 3",
    "invoice__number": "insert into rubis.invoice"
    " (organization_id, client_id, user_id, number, issued_on, due_on, amount_cents)"
    " select organization_id, client_id, user_id, number, issued_on, due_on, amount_cents from rubis.invoice",
    "checkin_task__one_live": "insert into rubis.checkin_task"
    " (organization_id, invoice_id, scheduled_at)"
    " select organization_id, invoice_id, now() from rubis.checkin_task where status = 'sent'",
    "mail__one_to_user": "insert into rubis.mail (organization_id, user_id, kind, next_attempt_at)"
    " select organization_id, user_id, 'receipts', now() from rubis.app_user, generate_series(1, 2)",
    "mail__one_letter": "insert into rubis.mail"
    " (organization_id, client_id, address_key, kind, next_attempt_at)"
    " select organization_id, client_id, 'a@b.test', 'letter', now() from rubis.client",
    "mail__one_advice": "insert into rubis.mail (organization_id, user_id, kind, next_attempt_at)"
    " select organization_id, user_id, 'click_mode_advice', now() from rubis.app_user, generate_series(1, 2)",
    "mail__one_said_paid": "insert into rubis.mail"
    " (organization_id, user_id, kind, checkin_task_id, next_attempt_at)"
    " select t.organization_id, u.user_id, 'said_paid', t.checkin_task_id, now()"
    " from rubis.checkin_task as t join rubis.app_user as u using (organization_id), generate_series(1, 2)",
    "mail_item__token_hash": "update rubis.mail_item set token_hash = decode(repeat('00', 32), 'hex')"
    " where token_hash is not null",
    "relance__one_ahead": "insert into rubis.relance"
    " (organization_id, invoice_id, client_id, due_on, relance_plan_id, step, days_after_due, tone,"
    " scheduled_at, next_look_at)"
    " select organization_id, invoice_id, client_id, due_on, relance_plan_id, 2, 9, tone, now(), now()"
    " from rubis.relance where status = 'scheduled'",
    "outage__once": "insert into rubis.outage (kind, began_at, ended_at)"
    " select 'mail', '2026-01-01', '2026-01-02' from generate_series(1, 2)",
    "rubis_entry__one_per_event": "insert into rubis.rubis_entry"
    " (organization_id, invoice_id, activity_event_id, delta)"
    " select organization_id, invoice_id, activity_event_id, 1 from rubis.rubis_entry where delta = 1",
    "rubis_entry__reversed_once": "insert into rubis.rubis_entry"
    " (organization_id, invoice_id, activity_event_id, delta, reverses_rubis_entry_id)"
    " select organization_id, invoice_id, (select min(activity_event_id) from rubis.activity_event), -1,"
    " reverses_rubis_entry_id from rubis.rubis_entry where delta = -1",
    "import_draft__position": "insert into rubis.import_draft (organization_id, import_batch_id, position)"
    " select organization_id, import_batch_id, position from rubis.import_draft limit 1",
    "import_draft__one_invoice": "insert into rubis.import_draft"
    " (organization_id, import_batch_id, position, status, validated_at, invoice_id)"
    " select organization_id, import_batch_id, position + 9, status, validated_at, invoice_id"
    " from rubis.import_draft where status = 'validated'",
}
REFUSED = [("23514", *case) for case in CHECKS.items()] + [("23505", *case) for case in UNIQUES.items()]
CONTROLS = [*map(chr, range(1, 32)), "\x7f", "\x80", "\x85", "\x9f", "\u2028", "\u2029"]


@pytest.fixture(scope="module")
def mine(stage: Cast) -> Iterator[Cast]:
    """An organization with a row in every table."""
    stage.dba("insert into rubis.rate_limit values (decode(repeat('00', 32), 'hex'), now())")
    yield populated(stage.line, "Atelier", correspond)
    stage.session.connection.rollback()


@pytest.fixture
def session(mine: Cast) -> Iterator[Session]:
    """The owner's session; what a test does is undone."""
    with mine.session.connection.transaction(force_rollback=True):
        yield mine.session


@pytest.mark.parametrize(("sqlstate", "constraint", "statement"), REFUSED, ids=lambda case: case[:40])
def test_a_constraint_refuses(session: Session, sqlstate: str, constraint: str, statement: str) -> None:
    """A constraint refuses its violation even where no trigger looks."""
    session.execute(f"alter table rubis.{constraint.partition('__')[0]} disable trigger user")
    with session.raises(sqlstate, constraint):
        session.execute(statement)


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_domain_refuses_in_every_column(session: Session, domain: str) -> None:
    """A single value that its rule forbids, wherever it is written."""
    constraint, values = DOMAINS[domain]
    columns = session.rows(
        "select table_name, column_name from information_schema.columns"
        " where table_schema = 'rubis' and domain_name = %s"
        " and table_name in (select relname from pg_class where relkind = 'r')",
        [domain],
    )
    assert columns
    for column in columns:
        table = f"rubis.{column['table_name']}"
        session.execute(f"alter table {table} disable trigger user")
        for value in values:
            with session.raises("23514", constraint):
                session.execute(f"update {table} set {column['column_name']} = %s", [value])


def test_no_domain_is_forgotten(session: Session) -> None:
    """Every domain in the catalogue has its values above, and a name for its rule that says so."""
    found = session.rows(
        "select t.typname as domain, o.conname as constraint from pg_type as t"
        " join pg_constraint as o on o.contypid = t.oid where t.typnamespace = 'rubis'::regnamespace"
    )
    assert {row["domain"]: row["constraint"] for row in found} == {
        domain: constraint for domain, (constraint, _) in DOMAINS.items()
    }
    assert [row for row in found if not row["constraint"].startswith(row["domain"] + "__")] == []


def test_no_constraint_is_forgotten(session: Session) -> None:
    """Every CHECK and UNIQUE in the catalogue has its statement above, and a name that says its table."""
    names = session.rows(
        "select o.conname as name, c.relname as table from pg_constraint as o"
        " join pg_class as c on c.oid = o.conrelid"
        " where c.relnamespace = 'rubis'::regnamespace and o.contype in ('c', 'u')"
        " and c.relname <> 'schema_version'"
        " union"
        " select i.relname, c.relname from pg_index as x join pg_class as i on i.oid = x.indexrelid"
        " join pg_class as c on c.oid = x.indrelid"
        " where c.relnamespace = 'rubis'::regnamespace and x.indisunique and not x.indisprimary"
    )
    assert {row["name"] for row in names} == set(CHECKS) | set(UNIQUES)
    assert [row for row in names if not row["name"].startswith(row["table"] + "__")] == []


def test_no_foreign_key_crosses_organizations(mine: Cast, session: Session) -> None:
    """Each one found in the catalogue: pointed at another organization's row, it refuses."""
    other = populated(mine.line, "Voisin", correspond)
    session.execute(
        "insert into rubis.client (organization_id, name, merged_into_client_id)"
        " select organization_id, 'Merged', min(client_id) from rubis.client group by organization_id"
    )
    session.execute(
        "insert into rubis.mail (organization_id, user_id, kind, checkin_task_id, next_attempt_at)"
        " select t.organization_id, i.user_id, 'said_paid', min(t.checkin_task_id), now()"
        " from rubis.checkin_task as t join rubis.invoice as i using (organization_id, invoice_id)"
        " group by t.organization_id, i.user_id"
    )
    keys = session.rows(
        "select o.conname, c.relname, f.relname as target, pg_get_constraintdef(o.oid) as definition"
        " from pg_constraint as o join pg_class as c on c.oid = o.conrelid"
        " join pg_class as f on f.oid = o.confrelid"
        " where c.relnamespace = 'rubis'::regnamespace and o.contype = 'f'"
        " and f.relname not in ('organization', 'holiday_calendar')"
    )
    assert len(keys) >= 18
    for key in keys:
        found = re.fullmatch(
            r"FOREIGN KEY \(organization_id, ([^)]+)\)"
            r" REFERENCES rubis\.\w+\(organization_id, ([^)]+)\)",
            key["definition"],
        )
        assert found, f"{key['conname']} does not begin with organization_id: {key['definition']}"
        columns, targets = found.groups()
        session.execute(f"alter table rubis.{key['relname']} disable trigger user")
        foreign = f"select {targets} from rubis.{key['target']} where organization_id = %s limit 1"
        values = ", ".join(map(str, session.row(foreign, [other.organization_id]).values()))
        with session.raises("23503", key["conname"]):
            # The row that moves may be referred to itself.
            for other_key in keys:
                if other_key["target"] == key["relname"] and other_key["conname"] != key["conname"]:
                    session.execute(
                        f"alter table rubis.{other_key['relname']} drop constraint {other_key['conname']}"
                    )
            session.execute(
                f"update rubis.{key['relname']} set ({columns}) = row({values})"
                f" where ctid = (select ctid from rubis.{key['relname']}"
                f" where organization_id = %s and ({columns}) is not null limit 1)",
                [mine.organization_id],
            )


@pytest.mark.parametrize("character", CONTROLS, ids=ascii)
def test_names_and_numbers_are_one_line(session: Session, character: str) -> None:
    """No control character, line or paragraph separator, wherever it stands: they go into a mail's header."""
    for text in (f"a{character}b", f"a{character}", f"{character}b", f"a\r\n{character}Bcc: x@y.test"):
        with session.raises("23514", "line__one_line"):
            session.execute("select %s::text::rubis.line", [text])


@pytest.mark.parametrize("text", ["", " ", " a", "a ", LONG])
def test_a_line_says_something(session: Session, text: str) -> None:
    """Neither empty nor padded nor longer than 200 characters."""
    with session.raises("23514", "line__one_line"):
        session.execute("select %s::text::rubis.line", [text])


@pytest.mark.parametrize("text", ["a", LONG[1:], "Société « L'Œuf » & fils", "日本", "🧾 2026/001", "a  b"])
def test_a_line_may_say_anything(session: Session, text: str) -> None:
    """A text of one line may be in any writing."""
    assert session.value("select %s::text::rubis.line", [text]) == text


@pytest.mark.parametrize("character", [*CONTROLS, " ", "\u3000"], ids=ascii)
def test_addresses_have_no_space(session: Session, character: str) -> None:
    """Nor a control character, in any of the tables that hold addresses."""
    addresses = {"app_user": "email", "client": "email", "import_draft": "client_email"}
    for address in (
        f"a{character}b@c.test",
        f"a@c{character}.test",
        f"a@c.test{character}",
        f"{character}a@c.test",
    ):
        for table, column in addresses.items():
            with session.raises("23514", "email__form"):
                session.execute(f"update rubis.{table} set {column} = %s", [address])


@pytest.mark.parametrize(
    "address", ["", "@", "a@", "@b", "a@b@c", "a" * 250 + "@b.fr", "a b@c.fr", "<a@b.fr>\n"]
)
def test_an_address_has_two_parts(session: Session, address: str) -> None:
    """One @ with something on both sides, 254 characters at most."""
    with session.raises("23514", "email__form"):
        session.execute("update rubis.client set email = %s", [address])


def test_every_name_and_number_is_a_line(session: Session) -> None:
    """The columns that end up in a mail are of the domain that forbids line breaks and links."""
    columns: list[dict[str, Any]] = session.rows(
        "select table_name || '.' || column_name as name from information_schema.columns"
        " where table_schema = 'rubis' and domain_name = 'name'"
    )
    assert {column["name"] for column in columns} >= {
        *("organization.name", "app_user.full_name", "client.name", "relance_plan.name"),
        *("invoice.number", "import_draft.number", "import_draft.client_name"),
    }
