"""What a worker does with relances and mails to users in a `Cast`."""

from datetime import date, timedelta
from typing import Any

from psycopg.rows import DictRow

from tests.support.cast import AHEAD, Cast
from tests.support.line import PASSWORD_HASH, Token

HOLIDAYS = {2026: {"2026-04-06": "Lundi de Paques", "2026-05-01": "Fete du Travail", "2026-12-25": "Noel"}}
"""Some of France's; the other years have New Year's Day only."""


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


def queued_letter(cast: Cast, invoice_id: int) -> DictRow | None:
    """The queued letter to the address of an invoice's client."""
    rows = cast.session.rows(
        "select m.* from rubis.mail as m join rubis.invoice as i using (organization_id)"
        " join rubis.client as c on c.organization_id = i.organization_id"
        " and c.client_id = rubis.live_client_id(i.organization_id, i.client_id)"
        " where i.organization_id = %s and i.invoice_id = %s and m.kind = 'letter'"
        " and m.status = 'queued' and m.address_key = rubis.key(c.email)",
        [cast.organization_id, invoice_id],
    )
    return rows[0] if rows else None


def is_leaving(cast: Cast, invoice_id: int) -> bool:
    """Whether the relance ahead is due and the letter that takes it along is queued."""
    relance = ahead(cast, invoice_id)
    return (
        queued_letter(cast, invoice_id) is not None
        and relance.get("status") == "scheduled"
        and relance["scheduled_at"] <= cast.now()
    )


def begin_letter(cast: Cast, invoice_id: int) -> DictRow:
    """Begin the queued letter that an invoice's relance waits for: what it says, or {skip_reason}."""
    mail = queued_letter(cast, invoice_id)
    if mail is None:
        return {"skip_reason": f"no letter is queued, relance is {cast.relance(invoice_id)['status']}"}
    return cast.begin_mail(mail["mail_id"])


def finish_letter(cast: Cast, begun: DictRow) -> None:
    """The letter was accepted."""
    cast.finish(begun, subject="Facture", body="Bonjour")


def fail_letter(cast: Cast, begun: DictRow, failure_class: str) -> None:
    """The letter was not accepted, or its fate is unknown."""
    cast.fail(begun, failure_class, subject="Facture", body="Bonjour")


def confirm_letter(cast: Cast, begun: DictRow) -> Any:
    """The last word on a letter before it is handed over: {letter}, or {skip_reason}."""
    return cast.worker(
        "confirm_letter",
        organization_id=begun["organization_id"],
        mail_id=begun["mail_id"],
        attempt=begun["attempt"],
    )


def pending(cast: Cast, **facts: Any) -> int:
    """An invoice whose check-in was answered pending by its link: only time stands before its relance."""
    invoice_id = cast.invoice(**facts)
    assert cast.click(cast.ask(invoice_id), "pending") == "pending"
    return invoice_id


def until_due(cast: Cast, invoice_id: int) -> DictRow:
    """Wait until the relance ahead is due, and tick; returns it."""
    due_at = ahead(cast, invoice_id)["next_look_at"]
    if due_at is not None and queued_letter(cast, invoice_id) is None:
        cast.clock.wait_until(due_at)
        cast.tick()
    return ahead(cast, invoice_id)


def until_queued(cast: Cast, invoice_id: int) -> DictRow:
    """Wait until the letter of the relance ahead is queued, mailing the questions before it; returns it."""
    relance = until_due(cast, invoice_id)
    for _ in range(9):
        if queued_letter(cast, invoice_id) is not None:
            break
        if cast.task(invoice_id)["status"] == "scheduled":
            cast.ask(invoice_id)
        relance = until_due(cast, invoice_id)
    return relance


def sending_letter(cast: Cast, invoice_id: int) -> DictRow:
    """Wait until the letter of the relance ahead is queued, and begin to send it."""
    relance = until_queued(cast, invoice_id)
    assert queued_letter(cast, invoice_id) is not None, relance
    begun = begin_letter(cast, invoice_id)
    assert begun["skip_reason"] is None, begun
    return begun


def send_letter(cast: Cast, invoice_id: int) -> DictRow:
    """The same, and it is accepted; returns the relance that was sent."""
    relance_id = ahead(cast, invoice_id)["relance_id"]
    finish_letter(cast, sending_letter(cast, invoice_id))
    row: DictRow = next(r for r in cast.rows("relance", invoice_id) if r["relance_id"] == relance_id)
    assert row["status"] == "sent"
    return row


def begin_notice(cast: Cast, kind: str = "verify_email") -> DictRow:
    """Queue and begin the latest mail of this kind; with `token`, the one in its first link, if any."""
    mail = cast.notices(kind)[-1]
    if mail["status"] == "scheduled":
        cast.tick()
    begun = cast.begin_mail(mail["mail_id"])
    return {**begun, "token": begun["tokens"].get(1)}


def accept_another(cast: Cast) -> None:
    """A mail to another organization's user is accepted a moment later: the way to the mail server works."""
    other = Cast(cast.line, now=None)
    other.api("request_email_proof")
    cast.clock.advance(microseconds=1)
    other.finish(begin_notice(other))


def correspond(cast: Cast, name: str) -> None:
    """Leave a row in each table that letters and mails to users write, this name in their texts.

    The last relance is unconfirmed; nothing refers to the last plan.
    """
    cast.api("put_letter_wording", tone="formal_notice", locale="en", opening=name, request=None)
    calendar(cast)
    cast.dba("update rubis.app_user set email_proven_at = null where user_id = %s", cast.user_id)
    cast.api("request_email_change", email=f"neuf@{name.lower()}.test", password_hash=PASSWORD_HASH)
    cast.api("request_email_proof")
    cast.finish(begin_notice(cast))
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
    """Mail the user's receipts that are due next, once they may leave; returns the token in the last one."""
    due_at = cast.session.value(
        "select max(receipt_at) from rubis.checkin_task where organization_id = %s", [cast.organization_id]
    )
    cast.clock.wait_until(due_at)
    cast.tick()
    begun = begin_notice(cast, "receipts")
    assert begun["skip_reason"] is None, begun
    cast.finish(begun)
    token: Token = begun["tokens"][len(begun["tokens"])]
    return token


def monday(weeks: int = 0) -> date:
    """A Monday without holiday, soon after stories begin."""
    return date(2026, 3, 9) + timedelta(weeks=weeks)


def confirm_or_resend(cast: Cast, relance_id: int, *, resend: bool) -> Any:
    """The user decides about a relance whose fate is unknown."""
    return cast.api("resend_relance" if resend else "confirm_relance", relance_id=relance_id)


def mail_users(cast: Cast) -> None:
    """Send every queued notice that has still something to say."""
    for mail in cast.session.rows(
        "select * from rubis.mail where organization_id = %s and status = 'queued'"
        " and kind not in ('questions', 'letter')",
        [cast.organization_id],
    ):
        begun = cast.begin_mail(mail["mail_id"])
        if begun["skip_reason"] is None:
            cast.finish(begun)
