"""A paid answer is confirmed to the user by mail: an answer nobody gave does not stay unseen."""

import secrets
from datetime import timedelta

import pytest

from tests.support.letters import begin_user_mail, receipt
from tests.support.story import Story

MICROSECOND = timedelta(microseconds=1)


@pytest.mark.parametrize("seconds", [1, 60, 3600])
def test_of_a_link_after_the_window(story: Story, seconds: int) -> None:
    """It leaves once the other link can no longer take the answer back, and says what was paid."""
    story.settings(contradiction_seconds=seconds)
    invoice_id = story.invoice(number="F-R")
    story.click(story.ask(invoice_id), "paid")
    answered_at = story.now()
    (mail,) = story.receipts(invoice_id)
    assert (mail["kind"], mail["status"], mail["user_id"]) == ("answer_receipt", "scheduled", story.user_id)
    assert mail["checkin_task_id"] == story.task(invoice_id)["checkin_task_id"]
    assert mail["data"] == {
        "answered_at": answered_at.isoformat(),
        "number": "F-R",
        "client_name": "Dupont SARL",
        "amount_cents": 120_000,
        "currency": "EUR",
    }
    story.session.clock.set(answered_at + timedelta(seconds=seconds) - MICROSECOND)
    story.tick()
    assert story.receipts(invoice_id)[0]["status"] == "scheduled"
    story.session.clock.advance(microseconds=1)
    story.tick()
    assert story.receipts(invoice_id)[0]["status"] == "queued"
    begun = begin_user_mail(story, "answer_receipt")
    assert begun["data"] == {**mail["data"], "answered_via": "link"}
    assert (begun["to_address"], begun["time_zone"]) == (story.email, "Europe/Paris")


def test_of_a_button_at_once(story: Story) -> None:
    """A person pressed it: nothing to wait for."""
    invoice_id = story.invoice()
    story.press(story.ask(invoice_id), "paid")
    story.tick()
    begun = begin_user_mail(story, "answer_receipt")
    assert begun["data"]["answered_via"] == "page"


@pytest.mark.parametrize("via", ["app", "pending by link", "pending by page", "manual", "not wished"])
def test_of_nothing_else(story: Story, via: str) -> None:
    """Neither of what the user did signed in, nor of pending, nor if the organization does not wish it."""
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    if via == "app":
        story.api("answer_invoice_checkin", invoice_id=invoice_id, answer="paid")
    elif via == "manual":
        story.api("mark_invoice_paid", invoice_id=invoice_id)
    elif via == "not wished":
        story.api("update_organization", changes=story.json({"answer_receipts": False}))
        assert story.click(token, "paid") == "paid"
    else:
        (story.click if via == "pending by link" else story.press)(token, "pending")
    assert story.receipts(invoice_id) == []


@pytest.mark.parametrize("second", ["paid", None])
def test_one_per_answer(story: Story, second: str | None) -> None:
    """Clicked again: still one. Undone before it left: cancelled, and the next answer has its own."""
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    story.click(token, "paid")
    story.click(token, "paid")
    assert len(story.receipts(invoice_id)) == 1
    story.undo(token)
    assert [mail["status"] for mail in story.receipts(invoice_id)] == ["cancelled"]
    if second is not None:
        story.session.clock.advance(minutes=1)
        story.press(token, second)
        assert [mail["status"] for mail in story.receipts(invoice_id)] == ["cancelled", "scheduled"]


@pytest.mark.parametrize("status", ["scheduled", "queued"])
@pytest.mark.parametrize("act", ["reopen", "reopen and pay", "undo", "change"])
def test_an_answer_that_no_longer_stands_is_not_confirmed(story: Story, status: str, act: str) -> None:
    """Taken back or reopened before it left: cancelled, at the latest when a worker begins it."""
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    story.press(token, "paid")
    if status == "queued":
        story.tick()
    story.session.clock.advance(seconds=1)
    if act == "undo":
        story.undo(token)
    elif act == "change":
        story.press(token, "pending")
    else:
        story.api("reopen_invoice", invoice_id=invoice_id, reason=None)
    if act == "reopen and pay":
        story.api("mark_invoice_paid", invoice_id=invoice_id)
    story.tick()
    (mail,) = story.receipts(invoice_id)
    begun = story.worker(
        "begin_user_mail",
        organization_id=story.organization_id,
        user_mail_id=mail["user_mail_id"],
        token_hash=secrets.token_bytes(32),
    )
    assert begun["skip_reason"] in ("the answer no longer stands", "mail is cancelled")
    (mail,) = story.receipts(invoice_id)
    assert (mail["status"], mail["cancelled_at"], mail["attempts"]) == ("cancelled", story.now(), 0)


def test_each_attempt_has_its_own_token(story: Story) -> None:
    """Mailed twice because nobody knew: both pages undo, one answer is undone once."""
    invoice_id = story.invoice()
    story.press(story.ask(invoice_id), "paid")
    first = begin_user_mail(story, "answer_receipt")
    story.session.clock.advance(minutes=10)
    story.tick()
    story.session.clock.advance(minutes=10)
    second = receipt(story)
    assert story.look(first["token"])["may"] == story.look(second)["may"] == ["undo"]
    assert [story.undo(first["token"]), story.undo(second)] == ["undone", "unchanged"]
    assert story.rubis() == 0
