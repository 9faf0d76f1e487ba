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
    mail = first["mail_id"]
    assert second["mail_id"] == mail
    assert timeline(cast, invoice_id)[-2:] == [("ahead", "check-in expires"), ("ahead", "relance to leave")]
    tx.clock.advance(minutes=30)
    assert cast.click(second["token"], "paid") == "paid"
    tx.clock.advance(minutes=1)
    assert cast.click(second["token"], "pending") == "already_answered"
    assert timeline(cast, invoice_id) == [
        ("transition", "invoice (new) -> open"),
        ("event", "invoice_created"),
        ("transition", "checkin_task (new) -> scheduled"),
        ("transition", "relance (new) -> scheduled"),
        ("mail", f"questions mail {mail} attempted"),
        ("mail", f"questions mail {mail} failed"),
        ("mail", f"questions mail {mail} attempted"),
        ("mail", f"questions mail {mail} accepted"),
        ("transition", "checkin_task sending -> sent"),
        ("event", "checkin_sent"),
        ("click", f"link paid of questions mail {mail}"),
        ("transition", "checkin_task -> answered"),
        ("transition", "invoice open -> paid"),
        ("event", "invoice_paid"),
        ("rubis", "+1 rubis"),
        ("transition", "relance -> cancelled"),
        ("click", f"link pending of questions mail {mail}"),
        ("ahead", "receipt to be mailed"),
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
    mail = begun["mail_id"]
    confirmed, told = (cast.notices(kind)[0] for kind in ("receipts", "said_paid"))
    assert confirmed["status"] == "sent"
    message_id = cast.receipts(invoice_id)[0]["message_id"]
    sent, asked = confirmed["mail_id"], told["mail_id"]
    with tx.acting_as("rubis_auditor"):
        lines = tx.rows(
            "select source, what, detail from audit.invoice_timeline"
            " where organization_id = %s and invoice_id = %s",
            [cast.organization_id, invoice_id],
        )
    assert [tuple(line.values()) for line in lines if line["source"] in ("click", "mail")][2:] == [
        ("click", f"link paid of questions mail {mail}", "outcome paid; Firefox"),
        ("click", f"link pending of questions mail {mail}", "outcome contradicted; Firefox"),
        ("mail", f"said_paid mail {asked} scheduled", ASKED_TO_DECIDE),
        ("click", f"link paid of questions mail {mail}", "outcome confirm; Firefox"),
        ("click", f"button paid of questions mail {mail}", "outcome paid; Firefox"),
        ("click", f"button undo of receipts mail {sent}", "outcome undone; Firefox"),
        ("mail", f"receipts mail {sent} attempted", f"to {cast.email}; attempt 1"),
        ("mail", f"receipts mail {sent} accepted", f"Message-ID {message_id}; attempt 1"),
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
    mail = begun["mail_id"]
    cast.fail(begun, "operator", "535 bad credentials")
    token = cast.ask(invoice_id)
    cast.click(token, "pending")
    cast.api("mark_invoice_paid", invoice_id=invoice_id)
    with tx.acting_as("rubis_auditor"):
        rows = tx.rows(
            "select * from audit.invoice_timeline where organization_id = %s", [cast.organization_id]
        )
    details = {(row["source"], row["what"]): row["detail"] for row in rows}
    assert details["mail", f"questions mail {mail} attempted"] == f"to {cast.email}; attempt 2"
    assert details["mail", f"questions mail {mail} failed"] == "operator: 535 bad credentials; attempt 1"
    assert details["click", f"link pending of questions mail {mail}"] == "outcome pending; Firefox"
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
    tx.execute("drop index rubis.mail__one_to_user")  # a mail for each question
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
    for kind, hash_of in (("questions", "q"), ("receipts", "r")):
        tx.execute(
            "with mails as (insert into rubis.mail (organization_id, user_id, kind, status, ended_at, data,"
            "  next_attempt_at)"
            " select t.organization_id, i.user_id, %(kind)s, 'scheduled', null,"
            "  jsonb_build_object('task', t.checkin_task_id), rubis.clock()"
            " from rubis.checkin_task as t join rubis.invoice as i using (organization_id, invoice_id)"
            " returning organization_id, mail_id, data),"
            " attempts as (insert into rubis.mail_attempt"
            "  (organization_id, mail_id, attempt, to_address, message_id)"
            " select organization_id, mail_id, 1, 'u@example.test', '<1@example.test>' from mails),"
            " items as (insert into rubis.mail_item (organization_id, mail_id, attempt, position, invoice_id,"
            "  checkin_task_id, token_hash)"
            " select m.organization_id, m.mail_id, 1, 1, t.invoice_id, t.checkin_task_id,"
            "  sha256((%(salt)s || m.mail_id)::bytea) from mails as m join rubis.checkin_task as t"
            " on t.organization_id = m.organization_id and t.checkin_task_id = (m.data ->> 'task')::bigint)"
            " insert into rubis.checkin_click (organization_id, mail_id, attempt, position, answer, outcome)"
            " select organization_id, mail_id, 1, 1, 'paid', 'expired' from mails",
            {"kind": kind, "salt": hash_of},
        )
    tables = (
        *("invoice", "checkin_task", "mail", "mail_attempt", "mail_item", "checkin_click"),
        *("relance", "activity_event", "rubis_entry"),
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
