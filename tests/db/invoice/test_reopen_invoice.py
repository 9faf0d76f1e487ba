"""A settled invoice is reopened: the payment, or the withdrawal, was a mistake."""

from datetime import timedelta

from tests.support.cast import AHEAD, ASKED_AT, LIVE, Cast


def test_a_paid_one_gives_its_rubis_back(cast: Cast) -> None:
    """One entry of -1 that names the entry it reverses, one event, a new check-in and a new relance."""
    invoice_id = cast.invoice()
    cast.update(invoice_id, status="paid")
    cast.update(invoice_id, status="open")
    invoice = cast.row(invoice_id)
    assert (invoice["status"], invoice["paid_at"], invoice["paid_via"]) == ("open", None, None)
    earned, taken = cast.rows("rubis_entry", invoice_id)
    assert (earned["delta"], taken["delta"]) == (1, -1)
    assert taken["reverses_rubis_entry_id"] == earned["rubis_entry_id"]
    reopened = cast.rows("activity_event", invoice_id)[-1]
    assert (reopened["kind"], reopened["label"]) == ("invoice_reopened", "was paid")
    assert taken["activity_event_id"] == reopened["activity_event_id"]
    assert cast.rubis() == 0
    assert [task["status"] for task in cast.rows("checkin_task", invoice_id)] == ["cancelled", "scheduled"]
    assert cast.task(invoice_id)["scheduled_at"] == ASKED_AT
    assert [relance["status"] for relance in cast.rows("relance", invoice_id)] == ["cancelled", "scheduled"]


def test_a_cancelled_one_has_no_rubis_to_give(cast: Cast) -> None:
    """A cancelled invoice, reopened, gets one event, a check-in and a relance, and loses no rubis."""
    invoice_id = cast.invoice()
    cast.update(invoice_id, status="cancelled")
    cast.update(invoice_id, status="open")
    assert cast.row(invoice_id)["cancelled_at"] is None
    assert cast.events(invoice_id)[-1] == ("invoice_reopened", "was cancelled")
    assert cast.rows("rubis_entry", invoice_id) == []
    assert [task["status"] for task in cast.rows("checkin_task", invoice_id)] == ["cancelled", "scheduled"]
    assert [relance["status"] for relance in cast.rows("relance", invoice_id)] == ["cancelled", "scheduled"]


def test_late_it_is_asked_about_in_a_minute(cast: Cast) -> None:
    """Reopened after its due date, there is no better day."""
    invoice_id = cast.invoice()
    cast.ask(invoice_id)
    cast.update(invoice_id, status="paid")
    cast.clock.advance(days=40)
    cast.update(invoice_id, status="open")
    assert cast.task(invoice_id)["scheduled_at"] == cast.now() + timedelta(minutes=1)
    assert cast.relance(invoice_id)["scheduled_at"] >= cast.now() + timedelta(hours=24)


def test_reopening_asks_again(cast: Cast) -> None:
    """The old links answer nothing any more; the new question is asked at once and can be answered."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.click(token)
    cast.update(invoice_id, status="open")
    assert cast.click(token) == "already_answered"
    assert cast.row(invoice_id)["status"] == "open"
    assert [task["status"] for task in cast.rows("checkin_task", invoice_id)] == ["answered", "scheduled"]
    assert cast.relance(invoice_id)["status"] == "scheduled"
    assert cast.click(cast.ask(invoice_id)) == "paid"


def test_back_and_forth_keeps_the_books(cast: Cast) -> None:
    """However often: rubis are the payments less the reopened ones, and one question is live when open."""
    invoice_id, other = cast.invoice(), cast.invoice()
    cast.update(other, status="paid")
    for turn in range(1, 6):
        cast.update(invoice_id, status="paid")
        assert cast.rubis() == 2
        cast.update(invoice_id, status="open")
        assert cast.rubis() == 1
        kinds = [kind for kind, _ in cast.events(invoice_id)]
        assert kinds.count("invoice_paid") == kinds.count("invoice_reopened") == turn
        assert sum(task["status"] in LIVE for task in cast.rows("checkin_task", invoice_id)) == 1
        assert sum(relance["status"] in AHEAD for relance in cast.rows("relance", invoice_id)) == 1
    reversed_ones = [
        entry["reverses_rubis_entry_id"]
        for entry in cast.rows("rubis_entry", invoice_id)
        if entry["delta"] == -1
    ]
    assert len(set(reversed_ones)) == 5


def test_a_reopened_invoices_number_may_be_gone(cast: Cast) -> None:
    """A cancelled invoice whose number was given away cannot come back under it."""
    invoice_id = cast.invoice(number="A")
    cast.update(invoice_id, status="cancelled")
    cast.invoice(number="A")
    with cast.raises("23505", "invoice__number"):
        cast.update(invoice_id, status="open")


def test_a_failed_check_ins_link_is_superseded(cast: Cast) -> None:
    """Reopened, the invoice is asked about again: an old mail of unknown fate does not answer for it."""
    invoice_id = cast.invoice()
    begun = cast.bring(invoice_id, "failed")
    cast.update(invoice_id, status="paid")
    cast.update(invoice_id, status="open")
    assert cast.click(begun["token"]) == "expired"
