"""audit.invoice_timeline: one invoice's cast, in order, and cheap to read."""

from datetime import date
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from tests.support.cast import Cast
from tests.support.letters import receipt
from tests.support.line import Transaction
from tests.support.session import Session


def timeline(cast: Cast, invoice_id: int) -> list[tuple[str, str]]:
    """Source and what of each line, read as the auditor."""
    with cast.session.acting_as("rubis_auditor"):
        rows = cast.session.rows(
            "select source, what from audit.invoice_timeline where organization_id = %s and invoice_id = %s",
            [cast.organization_id, invoice_id],
        )
    return [(row["source"], row["what"]) for row in rows]


def test_the_timeline_tells_of_a_paid_invoice_in_order(tx: Session) -> None:
    """Asked, failed, asked again, clicked, settled, clicked again: each line in its place."""
    cast = Cast(Transaction(tx), now="2026-12-02 08:00 Europe/Paris")
    invoice_id = cast.invoice(due_on=date(2026, 12, 2))
    assert timeline(cast, invoice_id)[-2:] == [
        ("ahead", "check-in to be asked"),
        ("ahead", "relance to leave"),
    ]
    tx.clock.advance(hours=1)
    first = cast.sending(invoice_id)
    tx.clock.advance(seconds=5)
    cast.fail(first, "temporary", "451 try later")
    tx.clock.advance(minutes=1)
    second = cast.sending(invoice_id)
    tx.clock.advance(seconds=5)
    cast.finish(second)
    first_mail, second_mail = (begun["checkin_mail_id"] for begun in (first, second))
    assert timeline(cast, invoice_id)[-2:] == [("ahead", "check-in expires"), ("ahead", "relance to leave")]
    tx.clock.advance(minutes=30)
    assert cast.click(second["token"], "paid") == "paid"
    tx.clock.advance(minutes=1)
    assert cast.click(second["token"], "pending") == "already_answered"
    receipt = tx.value("select user_mail_id from rubis.user_mail where kind = 'answer_receipt'")
    assert timeline(cast, invoice_id) == [
        ("transition", "invoice (new) -> open"),
        ("event", "invoice_created"),
        ("transition", "checkin_task (new) -> scheduled"),
        ("transition", "relance (new) -> scheduled"),
        ("mail", f"checkin_mail {first_mail} attempted"),
        ("mail", f"checkin_mail {first_mail} failed"),
        ("mail", f"checkin_mail {second_mail} attempted"),
        ("mail", f"checkin_mail {second_mail} accepted"),
        ("transition", "checkin_task sending -> sent"),
        ("event", "checkin_sent"),
        ("click", f"link paid of checkin_mail {second_mail}"),
        ("transition", "checkin_task -> answered"),
        ("transition", "invoice open -> paid"),
        ("event", "invoice_paid"),
        ("rubis", "+1 rubis"),
        ("transition", "relance -> cancelled"),
        ("mail", f"user_mail {receipt} scheduled: receipt"),
        ("click", f"link pending of checkin_mail {second_mail}"),
    ]


ASKED_TO_DECIDE = "asks the user to decide after a click on paid"


def test_the_timeline_tells_of_answers_taken_back(tx: Session) -> None:
    """Both links at once, a button, a receipt and its undo: who did what, and what became of it."""
    cast = Cast(Transaction(tx), now="2026-12-02 09:00 Europe/Paris")
    invoice_id = cast.invoice(due_on=date(2026, 12, 2))
    tx.clock.advance(minutes=1)
    begun = cast.sending(invoice_id)
    cast.finish(begun)
    token = begun["token"]
    for answer in ("paid", "pending", "paid"):
        tx.clock.advance(seconds=1)
        cast.click(token, answer)
    tx.clock.advance(seconds=1)
    cast.press(token, "paid")
    tx.clock.advance(seconds=1)
    cast.undo(receipt(cast))
    mail = begun["checkin_mail_id"]
    mails = tx.rows(
        "select user_mail_id, status from rubis.user_mail where kind = 'answer_receipt' order by 1"
    )
    assert [row["status"] for row in mails] == ["cancelled", "sent"]
    first, second = (row["user_mail_id"] for row in mails)
    told = tx.value("select user_mail_id from rubis.user_mail where kind = 'said_paid'")
    with tx.acting_as("rubis_auditor"):
        lines = tx.rows(
            "select source, what, detail from audit.invoice_timeline"
            " where organization_id = %s and invoice_id = %s",
            [cast.organization_id, invoice_id],
        )
    assert [tuple(line.values()) for line in lines if line["source"] in ("click", "mail")][2:] == [
        ("click", f"link paid of checkin_mail {mail}", "outcome paid; Firefox"),
        ("mail", f"user_mail {first} scheduled: receipt", "confirms an answer of paid"),
        ("click", f"link pending of checkin_mail {mail}", "outcome contradicted; Firefox"),
        ("mail", f"user_mail {first} cancelled", "confirms an answer of paid"),
        ("mail", f"user_mail {told} scheduled: paid was clicked", ASKED_TO_DECIDE),
        ("click", f"link paid of checkin_mail {mail}", "outcome confirm; Firefox"),
        ("click", f"button paid of checkin_mail {mail}", "outcome paid; Firefox"),
        ("mail", f"user_mail {second} scheduled: receipt", "confirms an answer of paid"),
        ("click", f"button undo of receipt {second}", "outcome undone; Firefox"),
        ("mail", f"user_mail {second} sent", "confirms an answer of paid"),
    ]
    assert [
        line["detail"] for line in lines if line["what"] in ("checkin_contradicted", "checkin_undone")
    ] == [
        "paid, then still pending: taken back",
        "paid taken back, via receipt",
    ]
    assert token.hex() not in str(lines)


def test_the_timeline_says_what_a_dba_asks_next(tx: Session) -> None:
    """Details: the label, the address mailed, the failure's class, a click's outcome, who acted."""
    cast = Cast(Transaction(tx), now=None)
    invoice_id = cast.invoice()
    begun = cast.sending(invoice_id)
    mail = begun["checkin_mail_id"]
    cast.fail(begun, "operator", "535 bad credentials")
    token = cast.ask(invoice_id)
    cast.click(token, "pending")
    cast.api("mark_invoice_paid", invoice_id=invoice_id)
    with tx.acting_as("rubis_auditor"):
        rows = tx.rows(
            "select * from audit.invoice_timeline where organization_id = %s", [cast.organization_id]
        )
    details = {(row["source"], row["what"]): row["detail"] for row in rows}
    assert details["mail", f"checkin_mail {mail} attempted"] == f"to {cast.email}"
    assert details["mail", f"checkin_mail {mail} failed"] == "operator: 535 bad credentials"
    assert details["click", f"link pending of checkin_mail {mail + 1}"] == "outcome pending; Firefox"
    assert details["event", "checkin_answered"] == "still pending, via check-in"
    assert details["transition", "checkin_task -> answered"] == "still_pending, by link"
    assert details["transition", "relance -> cancelled"] == "invoice paid"
    paid = next(row for row in rows if row["what"] == "invoice_paid")
    assert (paid["detail"], paid["user_id"]) == ("manual", cast.user_id)


def test_a_changed_date_is_told_with_both_values(tx: Session) -> None:
    """The check-in before is shown cancelled, with why; the event says what changed from what to what."""
    cast = Cast(Transaction(tx), now=None)
    invoice_id = cast.invoice()
    cast.api("update_invoice", invoice_id=invoice_id, changes=Jsonb({"due_on": "2027-01-31"}))
    lines = tx.rows("select * from audit.invoice_timeline where invoice_id = %s", [invoice_id])
    details = {row["what"]: row["detail"] for row in lines if row["at"] is not None}
    assert details["invoice_changed"] == '{"due_on": ["2026-03-20", "2027-01-31"]}'
    assert details["checkin_task -> cancelled"] == "invoice changed"
    asked = [row for row in lines if row["what"] == "checkin_task (new) -> scheduled"]
    assert len({row["checkin_task_id"] for row in asked}) == 2


def test_an_imported_invoice_begins_with_its_draft(tx: Session) -> None:
    """The draft's own steps are part of the cast."""
    cast = Cast(Transaction(tx), now="2026-11-02 08:00 Europe/Paris")
    draft = {
        "number": "1",
        "client_name": "D",
        "issued_on": "2026-11-02",
        "due_on": "2026-12-02",
        "amount_cents": 1,
    }
    batch = cast.api("create_import_batch", drafts=Jsonb([draft]))
    tx.clock.advance(minutes=1)
    invoice = cast.api(
        "validate_import_draft",
        import_batch_id=batch["import_batch_id"],
        import_draft_id=batch["drafts"][0]["import_draft_id"],
    )
    told = timeline(cast, invoice["invoice_id"])
    assert told[:2] == [
        ("transition", "import_draft (new) -> pending"),
        ("transition", "invoice (new) -> open"),
    ]
    assert ("transition", "import_draft pending -> validated") in told


def test_the_timeline_shows_no_secret(tx: Session) -> None:
    """Neither the token's hash nor the password's is in any column."""
    cast = Cast(Transaction(tx), now=None)
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.click(token, "paid")
    shown = str(
        tx.rows("select t::text as line from audit.invoice_timeline as t where invoice_id = %s", [invoice_id])
    )
    assert token.hex() not in shown
    assert "argon2" not in shown


def scanned(node: dict[str, Any]) -> list[str]:
    """The kinds of scans and their relations in a plan."""
    here = [f"{node['Node Type']} {node['Relation Name']}"] if "Relation Name" in node else []
    return here + [line for child in node.get("Plans", []) for line in scanned(child)]


@pytest.fixture
def crowded(tx: Session) -> Cast:
    """20,000 invoices of 20 organizations, each with a check-in, mail and click, receipt and click."""
    cast = Cast(Transaction(tx), now=None)
    tx.execute("set rubis.user_id = ''")  # the inserts below are a DBA's
    tx.execute("insert into rubis.organization (name) select 'O' || n from generate_series(1, 19) as n")
    tx.execute(
        "insert into rubis.app_user (organization_id, email, full_name, password_hash)"
        " select o.organization_id, o.organization_id || '@example.test', 'U', '$argon2id$x'"
        " from rubis.organization as o"
        " where o.organization_id <> %s",
        [cast.organization_id],
    )
    tx.execute(
        "insert into rubis.client (organization_id, name) select organization_id, 'C' from rubis.organization"
    )
    tx.execute(
        "insert into rubis.invoice"
        " (organization_id, client_id, user_id, number, issued_on, due_on, amount_cents)"
        " select c.organization_id, c.client_id, u.user_id, n::text, '2026-11-02', '2026-12-02', 1"
        " from rubis.client as c join rubis.app_user as u on u.organization_id = c.organization_id"
        " cross join generate_series(1, 1000) as n"
    )
    tx.execute(
        "insert into rubis.checkin_mail (organization_id, checkin_task_id, token_hash, to_address)"
        " select organization_id, checkin_task_id, sha256(checkin_task_id::text::bytea), 'u@example.test'"
        " from rubis.checkin_task"
    )
    tx.execute(
        "insert into rubis.checkin_click (organization_id, checkin_mail_id, answer, outcome)"
        " select organization_id, checkin_mail_id, 'paid', 'expired' from rubis.checkin_mail"
    )
    tx.execute(
        "insert into rubis.user_mail (organization_id, user_id, kind, checkin_task_id, next_attempt_at)"
        " select t.organization_id, u.user_id, 'answer_receipt', t.checkin_task_id, t.scheduled_at"
        " from rubis.checkin_task as t join rubis.app_user as u using (organization_id)"
    )
    tx.execute(
        "insert into rubis.user_mail_attempt (organization_id, user_mail_id, token_hash, to_address)"
        " select organization_id, user_mail_id, sha256(user_mail_id::text::bytea), 'u@example.test'"
        " from rubis.user_mail"
    )
    tx.execute(
        "insert into rubis.checkin_click (organization_id, user_mail_attempt_id, via, outcome)"
        " select organization_id, user_mail_attempt_id, 'page', 'unchanged' from rubis.user_mail_attempt"
    )
    tables = (
        "invoice",
        "checkin_task",
        "checkin_mail",
        "checkin_click",
        "user_mail",
        "user_mail_attempt",
        "relance",
        "activity_event",
        "rubis_entry",
    )
    for table in (*tables, "import_draft"):
        tx.execute(f"analyze rubis.{table}")
    return cast


def test_one_invoice_is_found_through_indexes(crowded: Cast) -> None:
    """Among 20,000 invoices, no branch of the view reads a whole table."""
    tx = crowded.session
    invoice_id = tx.value(
        "select max(invoice_id) from rubis.invoice where organization_id = %s", [crowded.organization_id]
    )
    plan = tx.value(
        "explain (format json, analyze, buffers, timing off) select * from audit.invoice_timeline"
        f" where organization_id = {crowded.organization_id} and invoice_id = {invoice_id}"
    )
    scans = scanned(plan[0]["Plan"])
    # import_draft and rubis_entry are empty here: a planner may read an empty table as it likes.
    assert [
        line
        for line in scans
        if line.startswith("Seq Scan") and line.split()[-1] not in ("import_draft", "rubis_entry")
    ] == []
    # Pages, not milliseconds, which a busy machine stretches: 20,000 invoices have thousands.
    assert plan[0]["Plan"]["Shared Hit Blocks"] + plan[0]["Plan"]["Shared Read Blocks"] < 100
