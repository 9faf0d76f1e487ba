"""An invoice is marked paid, or cancelled, by its user."""

import pytest

from tests.support.story import Story

ASKED = ["scheduled", "queued", "sending", "sent", "failed", "expired"]


@pytest.mark.parametrize("asked", ASKED)
def test_mark_paid_settles(story: Story, asked: str) -> None:
    """Whatever became of its check-in: paid by hand, a rubis, no live check-in, no relance ahead."""
    invoice_id = story.invoice()
    story.bring(invoice_id, asked)
    document = story.api("mark_invoice_paid", invoice_id=invoice_id)
    assert document == story.document(invoice_id)
    assert (document["status"], document["paid_via"]) == ("paid", "manual")
    assert document["paid_at"] == story.now().isoformat()
    ended = asked in ("failed", "expired")
    assert document["checkin"]["status"] == (asked if ended else "cancelled")
    assert [relance["status"] for relance in document["relances"]] == ["cancelled"]
    assert story.rubis() == 1
    assert story.events(invoice_id)[-1] == ("invoice_paid", "manual")
    assert story.rows("activity_event", invoice_id)[-1]["user_id"] == story.user_id


@pytest.mark.parametrize("asked", ASKED)
def test_cancel_withdraws(story: Story, asked: str) -> None:
    """Whatever became of its check-in: cancelled, no rubis, no live check-in, no relance ahead."""
    invoice_id = story.invoice()
    story.bring(invoice_id, asked)
    document = story.api("cancel_invoice", invoice_id=invoice_id)
    assert document == story.document(invoice_id)
    assert (document["status"], document["cancelled_at"]) == ("cancelled", story.now().isoformat())
    ended = asked in ("failed", "expired")
    assert document["checkin"]["status"] == (asked if ended else "cancelled")
    assert [relance["cancel_reason"] for relance in document["relances"]] == ["invoice cancelled"]
    assert story.rubis() == 0
    assert story.events(invoice_id)[-1] == ("invoice_cancelled", None)


def test_marking_paid_keeps_a_pending_answer(story: Story) -> None:
    """The user said pending, then marked it paid: both stand."""
    invoice_id = story.invoice()
    story.click(story.ask(invoice_id), "pending")
    story.api("mark_invoice_paid", invoice_id=invoice_id)
    assert story.task(invoice_id)["answer"] == "still_pending"


@pytest.mark.parametrize("function", ["mark_invoice_paid", "cancel_invoice"])
def test_a_second_call_changes_nothing(story: Story, function: str) -> None:
    """The same answer, later, with the same rows."""
    invoice_id = story.invoice()
    first = story.api(function, invoice_id=invoice_id)
    before = story.effects(invoice_id)
    story.session.clock.advance(days=1)
    assert story.api(function, invoice_id=invoice_id) == first
    assert story.effects(invoice_id) == before


def test_marking_paid_after_a_click_changes_nothing(story: Story) -> None:
    """It stays paid via check-in, with one rubis."""
    invoice_id = story.invoice()
    story.click(story.ask(invoice_id))
    before = story.effects(invoice_id)
    assert story.api("mark_invoice_paid", invoice_id=invoice_id)["paid_via"] == "check-in"
    assert story.effects(invoice_id) == before


def test_one_settled_state_does_not_follow_the_other(story: Story) -> None:
    """A cancelled invoice is not paid, a paid one not cancelled."""
    paid, cancelled = story.invoice(), story.invoice()
    story.update(paid, status="paid")
    story.update(cancelled, status="cancelled")
    with story.raises("RB409", "invoice__paid", "invoice_id"):
        story.api("cancel_invoice", invoice_id=paid)
    with story.raises("RB409", "invoice__cancelled", "invoice_id"):
        story.api("mark_invoice_paid", invoice_id=cancelled)


@pytest.mark.parametrize("function", ["mark_invoice_paid", "cancel_invoice", "get_invoice"])
@pytest.mark.parametrize("invoice_id", [0, None, 2**63 - 1])
def test_an_unknown_invoice_is_missing(story: Story, function: str, invoice_id: int) -> None:
    """No invoice, nothing to read or settle."""
    with story.raises("RB404", "invoice__missing", "invoice_id"):
        story.api(function, invoice_id=invoice_id)
