"""A fresh check-in now, at the user's wish."""

from datetime import date, timedelta

import pytest

from tests.support.story import Story

DAY = timedelta(hours=24)


def again(story: Story, invoice_id: int) -> None:
    """Ask again; the document shows the new question."""
    document = story.api("ask_checkin_again", invoice_id=invoice_id)
    assert document == story.document(invoice_id)
    assert document["checkin"]["checkin_task_id"] == story.task(invoice_id)["checkin_task_id"]


@pytest.mark.parametrize("status", ["scheduled", "queued", "sending", "sent"])
def test_it_replaces_the_live_one(story: Story, status: str) -> None:
    """The question in the air is cancelled, and one is due now."""
    invoice_id = story.invoice()
    begun = story.bring(invoice_id, status)
    again(story, invoice_id)
    before, after = story.rows("checkin_task", invoice_id)
    assert (before["status"], before["end_reason"]) == ("cancelled", "asked again")
    assert (after["status"], after["scheduled_at"]) == ("scheduled", story.now())
    assert story.tick()["queued"] == 1
    if begun:
        assert story.click(begun["token"]) == "expired"


@pytest.mark.parametrize("status", ["failed", "expired"])
def test_it_follows_an_ended_one(story: Story, status: str) -> None:
    """What ended stays ended; a new question is asked and can be answered."""
    invoice_id = story.invoice()
    story.bring(invoice_id, status)
    again(story, invoice_id)
    assert [task["status"] for task in story.rows("checkin_task", invoice_id)] == [status, "scheduled"]
    assert story.click(story.ask(invoice_id)) == "paid"


def test_it_follows_an_answered_one(story: Story) -> None:
    """After pending the user may want to be asked once more; the first answer is kept."""
    invoice_id = story.invoice()
    story.click(story.ask(invoice_id), "pending")
    again(story, invoice_id)
    assert [task["status"] for task in story.rows("checkin_task", invoice_id)] == ["answered", "scheduled"]
    assert story.click(story.ask(invoice_id), "paid") == "paid"


def test_the_relance_gives_it_a_day(story: Story) -> None:
    """The relance ahead moves out of the new question's 24 h, to the first relance time after them."""
    invoice_id = story.invoice()
    story.click(story.ask(invoice_id), "pending")
    story.session.clock.set("2026-03-23 09:59 Europe/Paris")
    again(story, invoice_id)
    (relance,) = story.rows("relance", invoice_id)
    assert relance["scheduled_at"] - story.now() == DAY + timedelta(minutes=1)


def test_early_it_leaves_the_relance_on_its_day(story: Story) -> None:
    """Asked long before the due date, the first relance keeps its day."""
    invoice_id = story.invoice()
    before = story.relance(invoice_id)
    again(story, invoice_id)
    assert story.relance(invoice_id) == before


def test_twice_leaves_one(story: Story) -> None:
    """Impatience makes one live question, not two."""
    invoice_id = story.invoice(due_on=date(2026, 3, 1))
    again(story, invoice_id)
    again(story, invoice_id)
    statuses = [task["status"] for task in story.rows("checkin_task", invoice_id)]
    assert statuses == ["cancelled", "cancelled", "scheduled"]
    assert len(story.rows("relance", invoice_id)) == 1


@pytest.mark.parametrize("status", ["paid", "cancelled"])
def test_a_settled_invoice_is_not_asked_about(story: Story, status: str) -> None:
    """There is nothing to ask."""
    invoice_id = story.invoice()
    story.update(invoice_id, status=status)
    with story.raises("RB409", "invoice__settled", "invoice_id"):
        again(story, invoice_id)


def test_an_unknown_invoice_is_missing(story: Story) -> None:
    """No invoice, no question."""
    with story.raises("RB404", "invoice__missing", "invoice_id"):
        again(story, 0)
