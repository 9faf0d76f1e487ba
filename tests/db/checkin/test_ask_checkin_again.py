"""A fresh check-in now, at the user's wish."""

from datetime import date, timedelta

import pytest

from tests.support.cast import Cast

DAY = timedelta(hours=24)


def again(cast: Cast, invoice_id: int) -> None:
    """Ask again; the document shows the new question."""
    document = cast.api("ask_checkin_again", invoice_id=invoice_id)
    assert document == cast.document(invoice_id)
    assert document["checkin"]["checkin_task_id"] == cast.task(invoice_id)["checkin_task_id"]


@pytest.mark.parametrize("status", ["scheduled", "queued", "sending", "sent"])
def test_asking_again_replaces_the_live_check_in(cast: Cast, status: str) -> None:
    """The question in the air is cancelled, and one is due now."""
    invoice_id = cast.invoice()
    begun = cast.bring(invoice_id, status)
    again(cast, invoice_id)
    before, after = cast.rows("checkin_task", invoice_id)
    assert (before["status"], before["end_reason"]) == ("cancelled", "asked again")
    assert (after["status"], after["scheduled_at"]) == ("scheduled", cast.now())
    if begun:
        assert cast.click(begun["token"]) == "expired"
    if status == "sending":
        cast.finish(begun)
    cast.tick()
    assert cast.begin(invoice_id)["checkin_task_id"] == after["checkin_task_id"]


@pytest.mark.parametrize("status", ["failed", "expired"])
def test_asking_again_follows_a_check_in_that_ended(cast: Cast, status: str) -> None:
    """What ended stays ended; a new question is asked and can be answered."""
    invoice_id = cast.invoice()
    cast.bring(invoice_id, status)
    again(cast, invoice_id)
    assert [task["status"] for task in cast.rows("checkin_task", invoice_id)] == [status, "scheduled"]
    assert cast.click(cast.ask(invoice_id)) == "paid"


def test_asking_again_follows_an_answered_check_in(cast: Cast) -> None:
    """After pending the user may want to be asked once more; the first answer is kept."""
    invoice_id = cast.invoice()
    cast.click(cast.ask(invoice_id), "pending")
    again(cast, invoice_id)
    assert [task["status"] for task in cast.rows("checkin_task", invoice_id)] == ["answered", "scheduled"]
    assert cast.click(cast.ask(invoice_id), "paid") == "paid"


def test_the_relance_gives_it_a_day(cast: Cast) -> None:
    """The relance ahead moves out of the new question's 24 h, to the first relance time after them."""
    invoice_id = cast.invoice()
    cast.click(cast.ask(invoice_id), "pending")
    cast.clock.set("2026-03-23 09:59 Europe/Paris")
    again(cast, invoice_id)
    (relance,) = cast.rows("relance", invoice_id)
    assert relance["scheduled_at"] - cast.now() == DAY + timedelta(minutes=1)


def test_early_it_leaves_the_relance_on_its_day(cast: Cast) -> None:
    """Asked long before the due date, the first relance keeps its day."""
    invoice_id = cast.invoice()
    before = cast.relance(invoice_id)
    again(cast, invoice_id)
    assert cast.relance(invoice_id) == before


def test_asking_again_twice_leaves_one_check_in(cast: Cast) -> None:
    """Asking again twice leaves one live check-in."""
    invoice_id = cast.invoice(due_on=date(2026, 3, 1))
    again(cast, invoice_id)
    again(cast, invoice_id)
    statuses = [task["status"] for task in cast.rows("checkin_task", invoice_id)]
    assert statuses == ["cancelled", "cancelled", "scheduled"]
    assert len(cast.rows("relance", invoice_id)) == 1


@pytest.mark.parametrize("status", ["paid", "cancelled"])
def test_a_settled_invoice_is_not_asked_about(cast: Cast, status: str) -> None:
    """Asking again about a settled invoice is refused."""
    invoice_id = cast.invoice()
    cast.update(invoice_id, status=status)
    with cast.raises("RB409", "invoice__settled", "invoice_id"):
        again(cast, invoice_id)


def test_an_unknown_invoice_is_missing(cast: Cast) -> None:
    """Asking again about an unknown invoice is refused."""
    with cast.raises("RB404", "invoice__missing", "invoice_id"):
        again(cast, 0)
