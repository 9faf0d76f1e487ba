"""An invoice is marked paid, or cancelled, by its user."""

import pytest

from tests.support.cast import Cast

ASKED = ["scheduled", "queued", "sending", "sent", "failed", "expired"]


@pytest.mark.parametrize("asked", ASKED)
def test_mark_paid_settles_the_invoice(cast: Cast, asked: str) -> None:
    """Whatever became of its check-in: paid by hand, a rubis, no live check-in, no relance ahead."""
    invoice_id = cast.invoice()
    cast.bring(invoice_id, asked)
    document = cast.api("mark_invoice_paid", invoice_id=invoice_id)
    assert document == cast.document(invoice_id)
    assert (document["status"], document["paid_via"]) == ("paid", "manual")
    assert document["paid_at"] == cast.now().isoformat()
    ended = asked in ("failed", "expired")
    assert document["checkin"]["status"] == (asked if ended else "cancelled")
    assert [relance["status"] for relance in document["relances"]] == ["cancelled"]
    assert cast.rubis() == 1
    assert cast.events(invoice_id)[-1] == ("invoice_paid", "manual")
    assert cast.rows("activity_event", invoice_id)[-1]["user_id"] == cast.user_id


@pytest.mark.parametrize("asked", ASKED)
def test_cancel_withdraws_the_invoice(cast: Cast, asked: str) -> None:
    """Whatever became of its check-in: cancelled, no rubis, no live check-in, no relance ahead."""
    invoice_id = cast.invoice()
    cast.bring(invoice_id, asked)
    document = cast.api("cancel_invoice", invoice_id=invoice_id)
    assert document == cast.document(invoice_id)
    assert (document["status"], document["cancelled_at"]) == ("cancelled", cast.now().isoformat())
    ended = asked in ("failed", "expired")
    assert document["checkin"]["status"] == (asked if ended else "cancelled")
    assert [relance["cancel_reason"] for relance in document["relances"]] == ["invoice cancelled"]
    assert cast.rubis() == 0
    assert cast.events(invoice_id)[-1] == ("invoice_cancelled", None)


def test_marking_paid_keeps_a_pending_answer(cast: Cast) -> None:
    """The user said pending, then marked it paid: both stand."""
    invoice_id = cast.invoice()
    cast.click(cast.ask(invoice_id), "pending")
    cast.api("mark_invoice_paid", invoice_id=invoice_id)
    assert cast.task(invoice_id)["answer"] == "still_pending"


@pytest.mark.parametrize("function", ["mark_invoice_paid", "cancel_invoice"])
def test_a_second_call_changes_nothing(cast: Cast, function: str) -> None:
    """A second call, later, answers the same and leaves the same rows."""
    invoice_id = cast.invoice()
    first = cast.api(function, invoice_id=invoice_id)
    before = cast.effects(invoice_id)
    cast.clock.advance(days=1)
    assert cast.api(function, invoice_id=invoice_id) == first
    assert cast.effects(invoice_id) == before


def test_marking_paid_after_a_click_changes_nothing(cast: Cast) -> None:
    """An invoice paid by a click and then marked paid stays paid via check-in, with one rubis."""
    invoice_id = cast.invoice()
    cast.click(cast.ask(invoice_id))
    before = cast.effects(invoice_id)
    assert cast.api("mark_invoice_paid", invoice_id=invoice_id)["paid_via"] == "check-in"
    assert cast.effects(invoice_id) == before


def test_one_settled_state_does_not_follow_the_other(cast: Cast) -> None:
    """A cancelled invoice is not paid, a paid one not cancelled."""
    paid, cancelled = cast.invoice(), cast.invoice()
    cast.update(paid, status="paid")
    cast.update(cancelled, status="cancelled")
    with cast.raises("RB409", "invoice__paid", "invoice_id"):
        cast.api("cancel_invoice", invoice_id=paid)
    with cast.raises("RB409", "invoice__cancelled", "invoice_id"):
        cast.api("mark_invoice_paid", invoice_id=cancelled)


@pytest.mark.parametrize("function", ["mark_invoice_paid", "cancel_invoice", "get_invoice"])
@pytest.mark.parametrize("invoice_id", [0, None, 2**63 - 1])
def test_an_unknown_invoice_is_missing(cast: Cast, function: str, invoice_id: int) -> None:
    """An unknown invoice can be neither read nor settled."""
    with cast.raises("RB404", "invoice__missing", "invoice_id"):
        cast.api(function, invoice_id=invoice_id)
