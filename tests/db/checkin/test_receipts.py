"""A paid answer is confirmed to the user by mail: an answer that no person gave does not stay unseen."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.support.cast import Cast
from tests.support.letters import begin_notice, receipt

MICROSECOND = timedelta(microseconds=1)


@pytest.mark.parametrize("seconds", [1, 60, 3600])
def test_a_receipt_of_a_link_leaves_after_the_window(cast: Cast, seconds: int) -> None:
    """It leaves once the other link can no longer take the answer back, and says what was paid."""
    cast.settings(contradiction_seconds=seconds)
    invoice_id = cast.invoice(number="F-R")
    cast.click(cast.ask(invoice_id), "paid")
    answered_at = cast.now()
    leaves_at = answered_at + timedelta(seconds=seconds)
    assert cast.task(invoice_id)["receipt_at"] == leaves_at
    cast.clock.set(leaves_at - MICROSECOND)
    cast.tick()
    assert cast.notices("receipts") == []
    cast.clock.advance(microseconds=1)
    cast.tick()
    begun = begin_notice(cast, "receipts")
    assert (begun["kind"], begun["to_address"], begun["time_zone"]) == (
        *("receipts", cast.email),
        "Europe/Paris",
    )
    (item,) = begun["items"]
    said = {name: item[name] for name in ("number", "client_name", "amount_cents", "currency")}
    assert said == {
        "number": "F-R",
        "client_name": "Dupont SARL",
        "amount_cents": 120_000,
        "currency": "EUR",
    }
    assert (item["answered_at"], item["answered_via"]) == (answered_at.isoformat(), "link")
    cast.finish(begun)
    assert cast.task(invoice_id)["receipt_at"] is None


def test_a_receipt_of_a_button_leaves_at_once(cast: Cast) -> None:
    """The receipt of an answer by button leaves at once, as a person pressed it."""
    invoice_id = cast.invoice()
    cast.press(cast.ask(invoice_id), "paid")
    cast.tick()
    (item,) = begin_notice(cast, "receipts")["items"]
    assert item["answered_via"] == "page"


@pytest.mark.parametrize("press", [Cast.click, Cast.press])
def test_an_answer_of_pending_has_no_receipt(cast: Cast, press: Callable[[Cast, bytes, str], str]) -> None:
    """An answer of pending has no receipt, by link or by button."""
    invoice_id = cast.invoice()
    assert press(cast, cast.ask(invoice_id), "pending") == "pending"
    assert cast.task(invoice_id)["receipt_at"] is None


def test_an_answer_in_the_app_has_no_receipt(cast: Cast) -> None:
    """An answer in the app has no receipt, as the user who gave it is signed in."""
    invoice_id = cast.invoice()
    cast.ask(invoice_id)
    assert cast.answer(invoice_id, "paid") == "paid"
    assert cast.task(invoice_id)["receipt_at"] is None


def test_an_invoice_marked_paid_has_no_receipt(cast: Cast) -> None:
    """An invoice marked paid has no receipt, as the user who did it is signed in."""
    invoice_id = cast.invoice()
    cast.ask(invoice_id)
    cast.api("mark_invoice_paid", invoice_id=invoice_id)
    assert cast.task(invoice_id)["receipt_at"] is None


def test_an_organization_that_wishes_no_receipts_has_none(cast: Cast) -> None:
    """A link that answers paid is confirmed by nothing but its page."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.api("update_organization", changes=cast.json({"answer_receipts": False}))
    assert cast.click(token, "paid") == "paid"
    assert cast.task(invoice_id)["receipt_at"] is None


@pytest.mark.parametrize("again", [True, False])
def test_each_answer_has_one_receipt(cast: Cast, *, again: bool) -> None:
    """Clicked twice: one receipt. Undone before it left: none, and the next answer has its own."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.click(token, "paid")
    receipt_at = cast.task(invoice_id)["receipt_at"]
    cast.clock.advance(seconds=1)
    cast.click(token, "paid")
    assert cast.task(invoice_id)["receipt_at"] == receipt_at
    cast.undo(token)
    assert cast.task(invoice_id)["receipt_at"] is None
    if again:
        cast.clock.advance(minutes=1)
        cast.press(token, "paid")
        assert cast.task(invoice_id)["receipt_at"] == cast.now()


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


@pytest.mark.parametrize("ticks", [0, 1], ids=["waits", "queued"])
@pytest.mark.parametrize("act", [reopen, reopen_and_pay, undo, change])
def test_an_answer_that_no_longer_stands_is_not_confirmed(
    cast: Cast, ticks: int, act: Callable[[Cast, int, bytes], None]
) -> None:
    """Taken back or reopened before its receipt left: none leaves, at the latest when a worker begins it."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.press(token, "paid")
    for _ in range(ticks):
        cast.tick()
    assert len(cast.notices("receipts")) == ticks
    cast.clock.advance(seconds=1)
    act(cast, invoice_id, token)
    cast.tick()
    for mail in cast.notices("receipts"):
        assert cast.begin_mail(mail["mail_id"])["skip_reason"] == "no receipt is due"
    assert [mail["status"] for mail in cast.notices("receipts")] == ["cancelled"] * ticks
    assert cast.receipts(invoice_id) == []


def test_each_attempt_has_its_own_token(cast: Cast) -> None:
    """Mailed twice after an unknown fate: both pages undo, one answer is undone once."""
    invoice_id = cast.invoice()
    cast.press(cast.ask(invoice_id), "paid")
    cast.tick()
    first = begin_notice(cast, "receipts")
    cast.clock.advance(minutes=10)
    cast.tick()
    cast.clock.advance(minutes=10)
    second = receipt(cast)
    assert cast.look(first["token"])["may"] == cast.look(second)["may"] == ["undo"]
    assert [cast.undo(first["token"]), cast.undo(second)] == ["undone", "unchanged"]
    assert cast.rubis() == 0
