"""A paid answer is confirmed to the user by mail: an answer nobody gave does not stay unseen."""

import secrets
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
    """A person pressed it: nothing to wait for."""
    invoice_id = cast.invoice()
    cast.press(cast.ask(invoice_id), "paid")
    cast.tick()
    begun = begin_user_mail(cast, "answer_receipt")
    assert begun["data"]["answered_via"] == "page"


@pytest.mark.parametrize("via", ["app", "pending by link", "pending by page", "manual", "not wished"])
def test_no_other_answer_has_a_receipt(cast: Cast, via: str) -> None:
    """Neither of what the user did signed in, nor of pending, nor if the organization does not wish it."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    if via == "app":
        cast.api("answer_invoice_checkin", invoice_id=invoice_id, answer="paid")
    elif via == "manual":
        cast.api("mark_invoice_paid", invoice_id=invoice_id)
    elif via == "not wished":
        cast.api("update_organization", changes=cast.json({"answer_receipts": False}))
        assert cast.click(token, "paid") == "paid"
    else:
        (cast.click if via == "pending by link" else cast.press)(token, "pending")
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


@pytest.mark.parametrize("status", ["scheduled", "queued"])
@pytest.mark.parametrize("act", ["reopen", "reopen and pay", "undo", "change"])
def test_an_answer_that_no_longer_stands_is_not_confirmed(cast: Cast, status: str, act: str) -> None:
    """Taken back or reopened before it left: cancelled, at the latest when a worker begins it."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.press(token, "paid")
    if status == "queued":
        cast.tick()
    cast.clock.advance(seconds=1)
    if act == "undo":
        cast.undo(token)
    elif act == "change":
        cast.press(token, "pending")
    else:
        cast.api("reopen_invoice", invoice_id=invoice_id, reason=None)
    if act == "reopen and pay":
        cast.api("mark_invoice_paid", invoice_id=invoice_id)
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
    """Mailed twice because nobody knew: both pages undo, one answer is undone once."""
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
