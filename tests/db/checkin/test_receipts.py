"""A paid answer is confirmed to the user by mail: an answer that no person gave does not stay unseen."""

import secrets
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.support.cast import Cast
from tests.support.letters import begin_user_mail, receipt

MICROSECOND = timedelta(microseconds=1)


@pytest.mark.parametrize("seconds", [1, 60, 3600])
def test_a_receipt_of_a_link_leaves_after_the_window(cast: Cast, seconds: int) -> None:
    """It leaves once the other link can no longer take the answer back, and says what was paid."""
    cast.settings(contradiction_seconds=seconds)
    invoice_id = cast.invoice(number="F-R")
    cast.click(cast.ask(invoice_id), "paid")
    answered_at = cast.now()
    (mail,) = cast.receipts(invoice_id)
    assert (mail["kind"], mail["status"], mail["user_id"]) == ("answer_receipt", "scheduled", cast.user_id)
    assert mail["checkin_task_id"] == cast.task(invoice_id)["checkin_task_id"]
    assert mail["data"] == {
        "answered_at": answered_at.isoformat(),
        "number": "F-R",
        "client_name": "Dupont SARL",
        "amount_cents": 120_000,
        "currency": "EUR",
    }
    cast.clock.set(answered_at + timedelta(seconds=seconds) - MICROSECOND)
    cast.tick()
    assert cast.receipts(invoice_id)[0]["status"] == "scheduled"
    cast.clock.advance(microseconds=1)
    cast.tick()
    assert cast.receipts(invoice_id)[0]["status"] == "queued"
    begun = begin_user_mail(cast, "answer_receipt")
    assert begun["data"] == {**mail["data"], "answered_via": "link"}
    assert (begun["to_address"], begun["time_zone"]) == (cast.email, "Europe/Paris")


def test_a_receipt_of_a_button_leaves_at_once(cast: Cast) -> None:
    """The receipt of an answer by button leaves at once, as a person pressed it."""
    invoice_id = cast.invoice()
    cast.press(cast.ask(invoice_id), "paid")
    cast.tick()
    begun = begin_user_mail(cast, "answer_receipt")
    assert begun["data"]["answered_via"] == "page"


@pytest.mark.parametrize("press", [Cast.click, Cast.press])
def test_an_answer_of_pending_has_no_receipt(cast: Cast, press: Callable[[Cast, bytes, str], str]) -> None:
    """An answer of pending has no receipt, by link or by button."""
    invoice_id = cast.invoice()
    assert press(cast, cast.ask(invoice_id), "pending") == "pending"
    assert cast.receipts(invoice_id) == []


def test_an_answer_in_the_app_has_no_receipt(cast: Cast) -> None:
    """An answer in the app has no receipt, as the user who gave it is signed in."""
    invoice_id = cast.invoice()
    cast.ask(invoice_id)
    assert cast.answer(invoice_id, "paid") == "paid"
    assert cast.receipts(invoice_id) == []


def test_an_invoice_marked_paid_has_no_receipt(cast: Cast) -> None:
    """An invoice marked paid has no receipt, as the user who did it is signed in."""
    invoice_id = cast.invoice()
    cast.ask(invoice_id)
    cast.api("mark_invoice_paid", invoice_id=invoice_id)
    assert cast.receipts(invoice_id) == []


def test_an_organization_that_wishes_no_receipts_has_none(cast: Cast) -> None:
    """A link that answers paid is confirmed by nothing but its page."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.api("update_organization", changes=cast.json({"answer_receipts": False}))
    assert cast.click(token, "paid") == "paid"
    assert cast.receipts(invoice_id) == []


@pytest.mark.parametrize("second", ["paid", None])
def test_each_answer_has_one_receipt(cast: Cast, second: str | None) -> None:
    """Clicked again: still one. Undone before it left: cancelled, and the next answer has its own."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.click(token, "paid")
    cast.click(token, "paid")
    assert len(cast.receipts(invoice_id)) == 1
    cast.undo(token)
    assert [mail["status"] for mail in cast.receipts(invoice_id)] == ["cancelled"]
    if second is not None:
        cast.clock.advance(minutes=1)
        cast.press(token, second)
        assert [mail["status"] for mail in cast.receipts(invoice_id)] == ["cancelled", "scheduled"]


def undo(cast: Cast, _: int, token: bytes) -> None:
    """The answer is taken back on its page."""
    cast.undo(token)


def change(cast: Cast, _: int, token: bytes) -> None:
    """The answer is changed on its page."""
    cast.press(token, "pending")


def reopen(cast: Cast, invoice_id: int, _: bytes) -> None:
    """The user opens the invoice again."""
    cast.api("reopen_invoice", invoice_id=invoice_id, reason=None)


def reopen_and_pay(cast: Cast, invoice_id: int, token: bytes) -> None:
    """The same, and it is paid by hand then."""
    reopen(cast, invoice_id, token)
    cast.api("mark_invoice_paid", invoice_id=invoice_id)


@pytest.mark.parametrize("ticks", [0, 1], ids=["scheduled", "queued"])
@pytest.mark.parametrize("act", [reopen, reopen_and_pay, undo, change])
def test_an_answer_that_no_longer_stands_is_not_confirmed(
    cast: Cast, ticks: int, act: Callable[[Cast, int, bytes], None]
) -> None:
    """Taken back or reopened before its receipt left: cancelled, at the latest when a worker begins it."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.press(token, "paid")
    for _ in range(ticks):
        cast.tick()
    cast.clock.advance(seconds=1)
    act(cast, invoice_id, token)
    cast.tick()
    (mail,) = cast.receipts(invoice_id)
    begun = cast.worker(
        "begin_user_mail",
        organization_id=cast.organization_id,
        user_mail_id=mail["user_mail_id"],
        token_hash=secrets.token_bytes(32),
    )
    assert begun["skip_reason"] in ("the answer no longer stands", "mail is cancelled")
    (mail,) = cast.receipts(invoice_id)
    assert (mail["status"], mail["cancelled_at"], mail["attempts"]) == ("cancelled", cast.now(), 0)


def test_each_attempt_has_its_own_token(cast: Cast) -> None:
    """Mailed twice after an unknown fate: both pages undo, one answer is undone once."""
    invoice_id = cast.invoice()
    cast.press(cast.ask(invoice_id), "paid")
    first = begin_user_mail(cast, "answer_receipt")
    cast.clock.advance(minutes=10)
    cast.tick()
    cast.clock.advance(minutes=10)
    second = receipt(cast)
    assert cast.look(first["token"])["may"] == cast.look(second)["may"] == ["undo"]
    assert [cast.undo(first["token"]), cast.undo(second)] == ["undone", "unchanged"]
    assert cast.rubis() == 0
