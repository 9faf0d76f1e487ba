"""The audit.rule_* views: all empty after a full day's work, and each able to fail."""

import contextlib
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from psycopg.types.json import Jsonb

from tests.rules.breaking import BREAKING
from tests.support.cast import Cast
from tests.support.letters import receipt
from tests.support.line import Transaction
from tests.support.session import Session, connect

ROOT = Path(__file__).parents[2]


def work(tx: Session) -> Cast:
    """Two organizations and one invoice for each way an invoice can go, to its end or half of it."""
    tx.clock.advance(hours=-26)
    Cast(Transaction(tx), now=None).invoice()
    cast = Cast(Transaction(tx), now=None)
    paid, pending, reopened, withdrawn, by_hand, in_app = (cast.invoice(number=f"P-{n}") for n in range(6))
    token = cast.ask(paid)
    assert cast.click(token, "paid") == "paid"
    tx.clock.advance(seconds=60)
    assert cast.click(token, "pending") == "already_answered"
    assert cast.click(cast.ask(pending), "pending") == "pending"
    assert cast.click(cast.ask(reopened), "paid") == "paid"
    tx.execute("update rubis.invoice set status = 'open' where invoice_id = %s", [reopened])
    cast.api("cancel_invoice", invoice_id=withdrawn)
    tx.execute("update rubis.invoice set status = 'paid' where invoice_id = %s", [by_hand])
    cast.api("answer_invoice_checkin", invoice_id=in_app, answer="paid")

    mistrust(cast)
    tx.clock.restore()

    expired = cast.invoice(number="expired")
    cast.ask(due_now(cast, expired))
    tx.execute("update rubis.checkin_task set expires_at = rubis.clock() where invoice_id = %s", [expired])
    cast.tick()
    failed = cast.invoice(number="failed")
    mail = cast.sending(due_now(cast, failed))
    cast.fail(mail, "refused", "550 no such user")
    retried = cast.invoice(number="retried")
    mail = cast.sending(due_now(cast, retried))
    cast.fail(mail, "unknown", "time-out after DATA")
    cast.ask(due_now(cast, retried))
    changed = cast.invoice(number="changed")
    cast.api("update_invoice", invoice_id=changed, changes=Jsonb({"due_on": "2027-01-31"}))
    cast.api("ask_checkin_again", invoice_id=changed)

    draft = {"client_name": "Import", "issued_on": "2026-11-02", "due_on": "2026-12-02", "amount_cents": 1}
    drafts = [draft | {"number": f"I-{n}"} for n in range(3)]
    batch = cast.api("create_import_batch", drafts=Jsonb(drafts))
    ids = [
        {"import_batch_id": batch["import_batch_id"], "import_draft_id": d["import_draft_id"]}
        for d in batch["drafts"]
    ]
    cast.api("validate_import_draft", **ids[0])
    cast.api("discard_import_draft", **ids[1])

    cast.invoice(number="open", due_on=date(2027, 1, 31))
    cast.ask(due_now(cast, cast.invoice(number="sent")))
    cast.sending(due_now(cast, cast.invoice(number="sending")))
    return cast


def mistrust(cast: Cast) -> None:
    """Clicks that do not count as they came: both links at once, a changed mind, a late one; takes 25 h."""
    clock = cast.clock
    for number, answers in enumerate((["paid", "pending"], ["pending", "paid"])):
        token = cast.ask(cast.invoice(number=f"S-{number}"))
        assert [cast.click(token, answer) for answer in answers] == [answers[0], "confirm"]
        assert [cast.click(token, answer) for answer in answers] == ["confirm", "confirm"]
    assert cast.press(token, "paid") == "paid"
    changed, undone, unseen, late = (cast.invoice(number=f"M-{n}") for n in range(4))
    token = cast.ask(changed)
    assert [cast.press(token, answer) for answer in ("paid", "pending")] == ["paid", "pending"]
    token = cast.ask(undone)
    assert [cast.click(token, "pending"), cast.undo(token)] == ["pending", "undone"]
    assert cast.undo(token) == "unchanged"
    late_token = cast.ask(late)
    assert cast.click(cast.ask(unseen), "paid") == "paid"
    clock.advance(seconds=60)
    assert cast.undo(receipt(cast)) == "undone"
    clock.advance(hours=24)
    assert [cast.click(late_token, answer) for answer in ("pending", "paid", "paid")] == ["expired"] * 3
    clock.advance(minutes=1)
    cast.ask(late)
    clicks = cast.session.rows(
        "select outcome from rubis.checkin_click where organization_id = %s", [cast.organization_id]
    )
    assert {"contradicted", "confirm", "undone", "unchanged", "asked_again", "expired"} <= {
        click["outcome"] for click in clicks
    }
    kinds = cast.session.rows(
        "select kind from rubis.mail where organization_id = %s", [cast.organization_id]
    )
    assert {"receipts", "click_mode_advice"} <= {mail["kind"] for mail in kinds}


def due_now(cast: Cast, invoice_id: int) -> int:
    """Bring its check-in, and a mail of its user, forward to now, so that no clock is moved; returns it."""
    cast.dba(
        "update rubis.checkin_task set scheduled_at = rubis.clock()"
        " where organization_id = %s and invoice_id = %s and status = 'scheduled'",
        cast.organization_id,
        invoice_id,
    )
    cast.dba(
        "update rubis.mail set next_attempt_at = rubis.clock()"
        " where organization_id = %s and kind = 'questions' and status = 'scheduled'",
        cast.organization_id,
    )
    return invoice_id


@pytest.fixture(scope="module")
def worked(shared: str) -> Iterator[Session]:
    """A session that has worked a full day, in a transaction that is rolled back."""
    session = connect(shared, role="rubis_owner", autocommit=False)
    with contextlib.closing(session.connection):
        work(session)
        yield session
        session.connection.rollback()


def rule_views(tx: Session) -> set[str]:
    """The names of the rules, from the catalogue."""
    rows = tx.rows("select viewname from pg_views where schemaname = 'audit' and viewname ^@ 'rule_'")
    return {row["viewname"] for row in rows}


def test_every_rule_holds_after_a_full_days_work(worked: Session) -> None:
    """No rule has a row; if one does, its rows, remedy included, are shown here."""
    with worked.acting_as("rubis_auditor"):
        rows = {rule: worked.rows(f"select * from audit.{rule}") for rule in rule_views(worked)}
    assert {rule: found for rule, found in rows.items() if found} == {}


def test_the_summary_has_every_rule(tx: Session) -> None:
    """audit.rules names each rule, once, with what it asks for."""
    with tx.acting_as("rubis_auditor"):
        rows = tx.rows("select * from audit.rules")
    assert sorted(row["rule"] for row in rows) == sorted(rule_views(tx))
    assert all(row["what"] for row in rows)


def test_the_summary_counts_what_a_rule_shows(tx: Session) -> None:
    """A rule that is broken has its number of rows in audit.rules, where the auditor finds it."""
    with tx.acting_as("postgres"):
        tx.execute("create function rubis.forgotten() returns int language sql as 'select 1'")
    with tx.acting_as("rubis_auditor"):
        broken = tx.rows("select rule, violations from audit.rules where violations > 0")
        counted = {row["rule"]: tx.value(f"select count(*) from audit.{row['rule']}") for row in broken}
    assert "rule_search_path" in counted
    assert {row["rule"]: row["violations"] for row in broken} == counted


def test_every_rule_can_fail(tx: Session) -> None:
    """There is at least one way to break each rule below."""
    assert {f"rule_{rule}" for rule, _ in BREAKING} == rule_views(tx)


@pytest.mark.parametrize(("rule", "statements"), BREAKING)
def test_a_broken_rule_shows_rows_with_a_remedy(worked: Session, rule: str, statements: str) -> None:
    """The rule is empty, the statements break what it watches, and it is not empty any more."""
    with worked.connection.transaction(force_rollback=True):
        before = worked.value(f"select count(*) from audit.rule_{rule}")
        with worked.acting_as("postgres"):
            worked.execute(statements)
            rows = worked.rows(f"select * from audit.rule_{rule}")
    assert len(rows) > before
    assert all(row["remedy"] for row in rows)


def test_the_guides_sample_of_exceptions_is_real(tx: Session) -> None:
    """The rows that docs/dba.md shows of audit.exceptions are what its query answers."""
    sample = re.search(
        r"^rubis=> (select object, reason from audit\.exceptions .*;)\n.*\n-.*\n((?: .*\n)+)",
        (ROOT / "docs" / "dba.md").read_text(),
        re.MULTILINE,
    )
    assert sample
    shown = [tuple(cell.strip() for cell in row.split("|")) for row in sample[2].splitlines()]
    assert shown == [(row["object"], row["reason"]) for row in tx.rows(sample[1])]


def test_every_exception_is_needed(tx: Session) -> None:
    """What an exception names still exists; one that outlived its object is to be deleted."""
    names = {
        row["name"]
        for row in tx.rows(
            "select c.relname::text as name from pg_class as c where c.relnamespace = 'rubis'::regnamespace"
            " union select t.typname from pg_type as t where t.typnamespace = 'rubis'::regnamespace"
            " union select schema || '.' || name from audit.function_cards"
        )
    }
    assert {row["object"] for row in tx.rows("select object from audit.exceptions")} <= names


def test_the_guide_names_every_view(tx: Session) -> None:
    """docs/dba.md mentions each view of audit."""
    text = (ROOT / "docs" / "dba.md").read_text()
    views = {row["viewname"] for row in tx.rows("select viewname from pg_views where schemaname = 'audit'")}
    assert {view for view in views if not re.search(rf"\b{view}\b", text)} == set()
