"""What a worker does with relances and mails to users in a `Story`."""

import itertools
import secrets
from datetime import date, timedelta
from typing import Any

from psycopg.rows import DictRow

from tests.support.story import AHEAD, Story

HOLIDAYS = {2026: {"2026-04-06": "Lundi de Paques", "2026-05-01": "Fete du Travail", "2026-12-25": "Noel"}}
"""Some of France's; the other years have New Year's Day only."""

_serial = itertools.count(1)


def calendar(story: Story, country: str = "FR") -> None:
    """Fill the public holidays, as the worker does when it starts."""
    for year in range(2025, 2036):
        days = {f"{year}-01-01": "Jour de l'an"} | HOLIDAYS.get(year, {})
        story.worker(
            "put_holidays",
            country=country,
            year=year,
            holidays=story.json([{"day": day, "name": name} for day, name in days.items()]),
        )


def proven(story: Story) -> None:
    """The user's address is proven."""
    story.dba("update rubis.app_user set email_proven_at = rubis.clock() where user_id = %s", story.user_id)


def ahead(story: Story, invoice_id: int) -> DictRow:
    """The relance ahead, as its row is; empty if there is none."""
    rows = [row for row in story.rows("relance", invoice_id) if row["status"] in AHEAD]
    assert len(rows) <= 1
    return rows[0] if rows else {}


def relances(story: Story, invoice_id: int) -> Any:
    """{ahead, forecast, past}, as the API shows them."""
    return story.api("list_invoice_relances", invoice_id=invoice_id)


def begin_letter(story: Story, relance_id: int) -> DictRow:
    """Begin to send a relance: {relance_mail_id, letter}, or {skip_reason}."""
    begun: DictRow = story.worker(
        "begin_relance_send",
        organization_id=story.organization_id,
        relance_id=relance_id,
        message_id=f"<{next(_serial)}.{secrets.token_hex(4)}@rubis.test>",
    )
    return begun


def finish_letter(story: Story, begun: DictRow) -> None:
    """The letter was accepted."""
    story.worker(
        "finish_relance_send",
        organization_id=story.organization_id,
        relance_mail_id=begun["relance_mail_id"],
    )


def fail_letter(story: Story, begun: DictRow, failure_class: str) -> None:
    """The letter was not accepted, or nobody knows."""
    story.worker(
        "fail_relance_send",
        organization_id=story.organization_id,
        relance_mail_id=begun["relance_mail_id"],
        failure_class=failure_class,
        failure_detail="as the test wants it",
    )


def pending(story: Story, **facts: Any) -> int:
    """An invoice whose check-in was answered pending by its link: only time stands before its relance."""
    invoice_id = story.invoice(**facts)
    assert story.click(story.ask(invoice_id), "pending") == "pending"
    return invoice_id


def until_due(story: Story, invoice_id: int) -> DictRow:
    """Wait until the relance ahead is due, and tick; returns it."""
    due_at = ahead(story, invoice_id)["next_attempt_at"]
    if due_at is not None:
        story.session.clock.set(max(story.now(), due_at))
        story.tick()
    return ahead(story, invoice_id)


def sending_letter(story: Story, invoice_id: int) -> DictRow:
    """Wait until the relance ahead is due, and begin to send it."""
    relance = until_due(story, invoice_id)
    assert relance["status"] == "queued", relance
    begun = begin_letter(story, relance["relance_id"])
    assert begun.get("skip_reason") is None, begun
    return begun


def send_letter(story: Story, invoice_id: int) -> DictRow:
    """The same, and it is accepted; returns the relance that was sent."""
    relance_id = ahead(story, invoice_id)["relance_id"]
    finish_letter(story, sending_letter(story, invoice_id))
    row: DictRow = next(r for r in story.rows("relance", invoice_id) if r["relance_id"] == relance_id)
    assert row["status"] == "sent"
    return row


def begin_user_mail(story: Story, kind: str = "verify_email") -> DictRow:
    """Queue and begin the user's latest mail of this kind; with `token`, the hash in its link."""
    mail = story.session.row(
        "select * from rubis.user_mail where user_id = %s and kind = %s order by user_mail_id desc limit 1",
        [story.user_id, kind],
    )
    if mail["status"] == "scheduled":
        story.tick()
    token = secrets.token_bytes(32)
    begun = story.worker(
        "begin_user_mail",
        organization_id=story.organization_id,
        user_mail_id=mail["user_mail_id"],
        token_hash=token,
    )
    return {**begun, "token": token}


def finish_user_mail(story: Story, begun: DictRow) -> None:
    """It was accepted."""
    story.worker(
        "finish_user_mail",
        organization_id=story.organization_id,
        user_mail_attempt_id=begun["user_mail_attempt_id"],
        message_id=f"<{begun['user_mail_attempt_id']}@rubis.test>",
    )


def correspond(story: Story, name: str) -> None:
    """Leave a row in each table that letters and mails to users write, this name in their texts.

    The last relance is unconfirmed; nothing refers to the last plan.
    """
    calendar(story)
    story.dba("update rubis.app_user set email_proven_at = null where user_id = %s", story.user_id)
    story.api("request_email_proof")
    finish_user_mail(story, begin_user_mail(story))
    correct(story, name)
    today = story.now().date()
    invoice_id = pending(
        story,
        number=f"{name}-letter",
        client_name=f"{name} letters",
        client_email=f"letters@{name.lower()}.test",
        issued_on=today - timedelta(days=9),
        due_on=today - timedelta(days=9),
    )
    fail_letter(story, sending_letter(story, invoice_id), "unknown")
    steps = story.json([{"days_after_due": 5, "tone": "firm"}])
    plan = story.api("create_relance_plan", name=f"{name} plan", steps=steps)["relance_plan_id"]
    client_id = story.row(invoice_id)["client_id"]
    story.api("update_client", client_id=client_id, changes=story.json({"relance_plan_id": plan}))
    story.api("create_relance_plan", name=f"{name} spare plan", steps=steps)


def correct(story: Story, name: str) -> None:
    """An answer taken back by its receipt; one of pending that the due date's question follows."""
    today = story.now().date()
    facts = {
        "client_name": f"{name} letters",
        "client_email": f"letters@{name.lower()}.test",
        "issued_on": today,
    }
    invoice_id = story.invoice(number=f"{name}-undone", due_on=today + timedelta(days=30), **facts)
    story.api("ask_checkin_again", invoice_id=invoice_id)
    assert story.click(story.ask(invoice_id), "paid") == "paid"
    assert story.undo(receipt(story)) == "undone"
    story.api("ask_checkin_again", invoice_id=invoice_id)
    assert story.click(story.ask(invoice_id), "pending") == "pending"


def receipt(story: Story) -> bytes:
    """Mail the user's latest receipt, once it may leave; returns the hash of the token in it."""
    leaves_at = story.session.value(
        "select max(coalesce(next_attempt_at, created_at)) from rubis.user_mail"
        " where user_id = %s and kind = 'answer_receipt'",
        [story.user_id],
    )
    story.session.clock.set(max(story.now(), leaves_at))
    begun = begin_user_mail(story, "answer_receipt")
    assert begun.get("skip_reason") is None, begun
    finish_user_mail(story, begun)
    token: bytes = begun["token"]
    return token


def monday(weeks: int = 0) -> date:
    """A Monday without holiday, soon after stories begin."""
    return date(2026, 3, 9) + timedelta(weeks=weeks)


def confirm_or_resend(story: Story, relance_id: int, *, resend: bool) -> Any:
    """The user decides about a relance whose fate is unknown."""
    return story.api("resend_relance" if resend else "confirm_relance", relance_id=relance_id)


def mail_users(story: Story) -> None:
    """Send every queued mail to a user."""
    for mail in story.session.rows("select * from rubis.user_mail where status = 'queued'"):
        begun = story.worker(
            "begin_user_mail",
            organization_id=mail["organization_id"],
            user_mail_id=mail["user_mail_id"],
            token_hash=secrets.token_bytes(32),
        )
        finish_user_mail(story, begun)
