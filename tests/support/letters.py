"""What a worker does with relances and mails to users in a `Cast`."""

import itertools
import secrets
from datetime import date, timedelta
from typing import Any

from psycopg.rows import DictRow

from tests.support.cast import AHEAD, Cast
from tests.support.line import Token

HOLIDAYS = {2026: {"2026-04-06": "Lundi de Paques", "2026-05-01": "Fete du Travail", "2026-12-25": "Noel"}}
"""Some of France's; the other years have New Year's Day only."""

_serial = itertools.count(1)


def calendar(cast: Cast, name: str = "FR") -> None:
    """Fill the public holidays for ten years, so that a test may move its clock by years."""
    for year in range(2025, 2036):
        days = {f"{year}-01-01": "Jour de l'an"} | HOLIDAYS.get(year, {})
        cast.dba(
            "insert into rubis.holiday_year (calendar, year) values (%s, %s) on conflict do nothing",
            name,
            year,
        )
        for day, called in days.items():
            cast.dba(
                "insert into rubis.public_holiday values (%s, %s, %s) on conflict do nothing",
                name,
                day,
                called,
            )


def proven(cast: Cast) -> None:
    """The user's address is proven."""
    cast.dba("update rubis.app_user set email_proven_at = rubis.clock() where user_id = %s", cast.user_id)


def ahead(cast: Cast, invoice_id: int) -> DictRow:
    """The relance ahead, as its row is; empty if there is none."""
    rows = [row for row in cast.rows("relance", invoice_id) if row["status"] in AHEAD]
    assert len(rows) <= 1
    return rows[0] if rows else {}


def relances(cast: Cast, invoice_id: int) -> Any:
    """{ahead, forecast, past}, as the API shows them."""
    return cast.api("list_invoice_relances", invoice_id=invoice_id)


def begin_letter(cast: Cast, relance_id: int) -> DictRow:
    """Begin to send a relance: {relance_mail_id, letter}, or {skip_reason}."""
    begun: DictRow = cast.worker(
        "begin_relance_send",
        organization_id=cast.organization_id,
        relance_id=relance_id,
        message_id=f"<{next(_serial)}.{secrets.token_hex(4)}@rubis.test>",
    )
    return begun


def finish_letter(cast: Cast, begun: DictRow) -> None:
    """The letter was accepted."""
    cast.worker(
        "finish_relance_send",
        organization_id=cast.organization_id,
        relance_mail_id=begun["relance_mail_id"],
    )


def fail_letter(cast: Cast, begun: DictRow, failure_class: str) -> None:
    """The letter was not accepted, or nobody knows."""
    cast.worker(
        "fail_relance_send",
        organization_id=cast.organization_id,
        relance_mail_id=begun["relance_mail_id"],
        failure_class=failure_class,
        failure_detail="as the test wants it",
    )


def pending(cast: Cast, **facts: Any) -> int:
    """An invoice whose check-in was answered pending by its link: only time stands before its relance."""
    invoice_id = cast.invoice(**facts)
    assert cast.click(cast.ask(invoice_id), "pending") == "pending"
    return invoice_id


def until_due(cast: Cast, invoice_id: int) -> DictRow:
    """Wait until the relance ahead is due, and tick; returns it."""
    due_at = ahead(cast, invoice_id)["next_attempt_at"]
    if due_at is not None:
        cast.clock.wait_until(due_at)
        cast.tick()
    return ahead(cast, invoice_id)


def until_queued(cast: Cast, invoice_id: int) -> DictRow:
    """Wait until the relance ahead is queued, mailing the questions that come before it; returns it."""
    relance = until_due(cast, invoice_id)
    for _ in range(9):
        if relance["status"] == "queued":
            break
        if cast.task(invoice_id)["status"] in ("scheduled", "queued"):
            cast.ask(invoice_id)
        relance = until_due(cast, invoice_id)
    return relance


def sending_letter(cast: Cast, invoice_id: int) -> DictRow:
    """Wait until the relance ahead is queued, and begin to send it."""
    relance = until_queued(cast, invoice_id)
    assert relance["status"] == "queued", relance
    begun = begin_letter(cast, relance["relance_id"])
    assert begun.get("skip_reason") is None, begun
    return begun


def send_letter(cast: Cast, invoice_id: int) -> DictRow:
    """The same, and it is accepted; returns the relance that was sent."""
    relance_id = ahead(cast, invoice_id)["relance_id"]
    finish_letter(cast, sending_letter(cast, invoice_id))
    row: DictRow = next(r for r in cast.rows("relance", invoice_id) if r["relance_id"] == relance_id)
    assert row["status"] == "sent"
    return row


def begin_user_mail(cast: Cast, kind: str = "verify_email") -> DictRow:
    """Queue and begin the user's latest mail of this kind; with `token`, the one in its link."""
    mail = cast.session.row(
        "select * from rubis.user_mail where user_id = %s and kind = %s order by user_mail_id desc limit 1",
        [cast.user_id, kind],
    )
    if mail["status"] == "scheduled":
        cast.tick()
    token = Token.new()
    begun = cast.worker(
        "begin_user_mail",
        organization_id=cast.organization_id,
        user_mail_id=mail["user_mail_id"],
        token_hash=token,
    )
    return {**begun, "token": token}


def finish_user_mail(cast: Cast, begun: DictRow) -> None:
    """It was accepted."""
    cast.worker(
        "finish_user_mail",
        organization_id=cast.organization_id,
        user_mail_attempt_id=begun["user_mail_attempt_id"],
        message_id=f"<{begun['user_mail_attempt_id']}@rubis.test>",
    )


def correspond(cast: Cast, name: str) -> None:
    """Leave a row in each table that letters and mails to users write, this name in their texts.

    The last relance is unconfirmed; nothing refers to the last plan.
    """
    calendar(cast)
    cast.dba("update rubis.app_user set email_proven_at = null where user_id = %s", cast.user_id)
    cast.api("request_email_proof")
    finish_user_mail(cast, begin_user_mail(cast))
    correct(cast, name)
    today = cast.now().date()
    invoice_id = pending(
        cast,
        number=f"{name}-letter",
        client_name=f"{name} letters",
        client_email=f"letters@{name.lower()}.test",
        issued_on=today - timedelta(days=9),
        due_on=today - timedelta(days=9),
    )
    fail_letter(cast, sending_letter(cast, invoice_id), "unknown")
    steps = cast.json([{"days_after_due": 5, "tone": "firm"}])
    plan = cast.api("create_relance_plan", name=f"{name} plan", steps=steps)["relance_plan_id"]
    client_id = cast.row(invoice_id)["client_id"]
    cast.api("update_client", client_id=client_id, changes=cast.json({"relance_plan_id": plan}))
    cast.api("create_relance_plan", name=f"{name} spare plan", steps=steps)


def correct(cast: Cast, name: str) -> None:
    """An answer taken back by its receipt; one of pending that the due date's question follows."""
    today = cast.now().date()
    facts = {
        "client_name": f"{name} letters",
        "client_email": f"letters@{name.lower()}.test",
        "issued_on": today,
    }
    invoice_id = cast.invoice(number=f"{name}-undone", due_on=today + timedelta(days=30), **facts)
    cast.api("ask_checkin_again", invoice_id=invoice_id)
    assert cast.click(cast.ask(invoice_id), "paid") == "paid"
    assert cast.undo(receipt(cast)) == "undone"
    cast.api("ask_checkin_again", invoice_id=invoice_id)
    assert cast.click(cast.ask(invoice_id), "pending") == "pending"


def receipt(cast: Cast) -> Token:
    """Mail the user's latest receipt, once it may leave; returns the token in it."""
    leaves_at = cast.session.value(
        "select max(coalesce(next_attempt_at, created_at)) from rubis.user_mail"
        " where user_id = %s and kind = 'answer_receipt'",
        [cast.user_id],
    )
    cast.clock.wait_until(leaves_at)
    begun = begin_user_mail(cast, "answer_receipt")
    assert begun.get("skip_reason") is None, begun
    finish_user_mail(cast, begun)
    token: Token = begun["token"]
    return token


def monday(weeks: int = 0) -> date:
    """A Monday without holiday, soon after stories begin."""
    return date(2026, 3, 9) + timedelta(weeks=weeks)


def confirm_or_resend(cast: Cast, relance_id: int, *, resend: bool) -> Any:
    """The user decides about a relance whose fate is unknown."""
    return cast.api("resend_relance" if resend else "confirm_relance", relance_id=relance_id)


def mail_users(cast: Cast) -> None:
    """Send every queued mail to a user that has still something to say."""
    for mail in cast.session.rows("select * from rubis.user_mail where status = 'queued'"):
        begun = cast.worker(
            "begin_user_mail",
            organization_id=mail["organization_id"],
            user_mail_id=mail["user_mail_id"],
            token_hash=secrets.token_bytes(32),
        )
        if begun.get("skip_reason") is None:
            finish_user_mail(cast, begun)
