"""The audit.rule_* views: all empty after a full day's work, and each able to fail."""

import re
from datetime import date
from pathlib import Path

import pytest
from psycopg.types.json import Jsonb

from tests.db.audit.story import Story
from tests.rules.breaking import BREAKING
from tests.support.session import Session

ROOT = Path(__file__).parents[2]


def work(tx: Session) -> Story:
    """Two organizations and one invoice for each way an invoice can go, to its end or half of it."""
    tx.clock.advance(hours=-26)
    Story(tx, "bob").invoice()
    story = Story(tx)
    paid, pending, reopened, withdrawn, by_hand, in_app = (story.invoice(f"P-{n}") for n in range(6))
    token = story.send(paid)
    assert story.click(token, "paid") == "paid"
    tx.clock.advance(seconds=60)
    assert story.click(token, "pending") == "already_answered"
    assert story.click(story.send(pending), "pending") == "pending"
    assert story.click(story.send(reopened), "paid") == "paid"
    tx.execute("update rubis.invoice set status = 'open' where invoice_id = %s", [reopened])
    story.api("cancel_invoice", p_invoice_id=withdrawn)
    tx.execute("update rubis.invoice set status = 'paid' where invoice_id = %s", [by_hand])
    story.api("answer_invoice_checkin", p_invoice_id=in_app, p_answer="paid")

    mistrust(story)
    tx.clock.restore()

    expired = story.invoice("expired")
    story.send(expired)
    tx.execute("update rubis.checkin_task set expires_at = rubis.clock() where invoice_id = %s", [expired])
    story.worker("tick", p_worker="test:1")
    failed = story.invoice("failed")
    mail, _ = story.begin(failed)
    story.fail(mail, "refused", "550 no such user")
    retried = story.invoice("retried")
    mail, _ = story.begin(retried)
    story.fail(mail, "unknown", "time-out after DATA")
    story.send(retried)
    changed = story.invoice("changed")
    story.api("update_invoice", p_invoice_id=changed, p_changes=Jsonb({"due_on": "2027-01-31"}))
    story.api("ask_checkin_again", p_invoice_id=changed)

    draft = {"client_name": "Import", "issued_on": "2026-11-02", "due_on": "2026-12-02", "amount_cents": 1}
    drafts = [draft | {"number": f"I-{n}"} for n in range(3)]
    batch = story.api("create_import_batch", p_drafts=Jsonb(drafts))
    ids = [
        {"p_import_batch_id": batch["import_batch_id"], "p_import_draft_id": d["import_draft_id"]}
        for d in batch["drafts"]
    ]
    story.api("validate_import_draft", **ids[0])
    story.api("discard_import_draft", **ids[1])

    story.invoice("open", due_on=date(2027, 1, 31))
    story.send(story.invoice("sent"))
    story.begin(story.invoice("sending"))
    return story


def mistrust(story: Story) -> None:
    """Clicks that do not count as they came: both links at once, a changed mind, a late one; takes 25 h."""
    clock = story.tx.clock
    scanned, scanned_twice, changed, undone, unseen, late = (story.invoice(f"M-{n}") for n in range(6))
    for invoice_id, answers in ((scanned, ["paid", "pending"]), (scanned_twice, ["pending", "paid"])):
        token = story.send(invoice_id)
        assert [story.click(token, answer) for answer in answers] == [answers[0], "confirm"]
        assert [story.click(token, answer) for answer in answers] == ["confirm", "confirm"]
    assert story.press(token, "paid") == "paid"
    token = story.send(changed)
    assert [story.press(token, answer) for answer in ("paid", "pending")] == ["paid", "pending"]
    token = story.send(undone)
    assert [story.click(token, "pending"), story.press(token, None)] == ["pending", "undone"]
    assert story.press(token, None) == "unchanged"
    late_token = story.send(late)
    assert story.click(story.send(unseen), "paid") == "paid"
    clock.advance(seconds=60)
    assert story.press(story.receipt(), None) == "undone"
    clock.advance(hours=24)
    assert [story.click(late_token, answer) for answer in ("pending", "paid", "paid")] == ["expired"] * 3
    clock.advance(minutes=1)
    story.send(late)
    clicks = story.tx.rows(
        "select outcome from rubis.checkin_click where organization_id = %s", [story.organization_id]
    )
    assert {"contradicted", "confirm", "undone", "unchanged", "asked_again", "expired"} <= {
        click["outcome"] for click in clicks
    }
    kinds = story.tx.rows(
        "select kind from rubis.user_mail where organization_id = %s", [story.organization_id]
    )
    assert {"answer_receipt", "click_mode_advice"} <= {mail["kind"] for mail in kinds}


def rule_views(tx: Session) -> set[str]:
    """The names of the rules, from the catalogue."""
    rows = tx.rows("select viewname from pg_views where schemaname = 'audit' and viewname ^@ 'rule_'")
    return {row["viewname"] for row in rows}


def test_every_rule_holds_after_a_full_days_work(tx: Session) -> None:
    """No rule has a row; if one does, its rows, remedy included, are shown here."""
    work(tx)
    with tx.acting_as("rubis_auditor"):
        rows = {rule: tx.rows(f"select * from audit.{rule}") for rule in rule_views(tx)}
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
def test_a_broken_rule_shows_rows_with_a_remedy(tx: Session, rule: str, statements: str) -> None:
    """The rule is empty, the statements break what it watches, and it is not empty any more."""
    work(tx)
    before = tx.value(f"select count(*) from audit.rule_{rule}")
    with tx.acting_as("postgres"):
        tx.execute(statements)
        rows = tx.rows(f"select * from audit.rule_{rule}")
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
