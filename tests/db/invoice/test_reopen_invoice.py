"""A settled invoice is reopened: the payment, or the withdrawal, was a mistake."""

from datetime import timedelta

from tests.support.story import AHEAD, ASKED_AT, LIVE, Story


def test_a_paid_one_gives_its_rubis_back(story: Story) -> None:
    """One entry of -1 that names the entry it reverses, one event, a new check-in and a new relance."""
    invoice_id = story.invoice()
    story.update(invoice_id, status="paid")
    story.update(invoice_id, status="open")
    invoice = story.row(invoice_id)
    assert (invoice["status"], invoice["paid_at"], invoice["paid_via"]) == ("open", None, None)
    earned, taken = story.rows("rubis_entry", invoice_id)
    assert (earned["delta"], taken["delta"]) == (1, -1)
    assert taken["reverses_rubis_entry_id"] == earned["rubis_entry_id"]
    reopened = story.rows("activity_event", invoice_id)[-1]
    assert (reopened["kind"], reopened["label"]) == ("invoice_reopened", "was paid")
    assert taken["activity_event_id"] == reopened["activity_event_id"]
    assert story.rubis() == 0
    assert [task["status"] for task in story.rows("checkin_task", invoice_id)] == ["cancelled", "scheduled"]
    assert story.task(invoice_id)["scheduled_at"] == ASKED_AT
    assert [relance["status"] for relance in story.rows("relance", invoice_id)] == ["cancelled", "scheduled"]


def test_a_cancelled_one_has_no_rubis_to_give(story: Story) -> None:
    """One event, a new check-in and a new relance."""
    invoice_id = story.invoice()
    story.update(invoice_id, status="cancelled")
    story.update(invoice_id, status="open")
    assert story.row(invoice_id)["cancelled_at"] is None
    assert story.events(invoice_id)[-1] == ("invoice_reopened", "was cancelled")
    assert story.rows("rubis_entry", invoice_id) == []
    assert [task["status"] for task in story.rows("checkin_task", invoice_id)] == ["cancelled", "scheduled"]
    assert [relance["status"] for relance in story.rows("relance", invoice_id)] == ["cancelled", "scheduled"]


def test_late_it_is_asked_about_in_a_minute(story: Story) -> None:
    """Reopened after its due date, there is no better day."""
    invoice_id = story.invoice()
    story.ask(invoice_id)
    story.update(invoice_id, status="paid")
    story.session.clock.advance(days=40)
    story.update(invoice_id, status="open")
    assert story.task(invoice_id)["scheduled_at"] == story.now() + timedelta(minutes=1)
    assert story.relance(invoice_id)["scheduled_at"] >= story.now() + timedelta(hours=24)


def test_an_answered_question_is_not_asked_again(story: Story) -> None:
    """The click that was the mistake counts as pending, for good; asked again it can be answered."""
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    story.click(token)
    story.update(invoice_id, status="open")
    assert story.click(token) == "already_answered"
    assert story.row(invoice_id)["status"] == "open"
    assert [task["status"] for task in story.rows("checkin_task", invoice_id)] == ["answered"]
    assert story.relance(invoice_id)["status"] == "scheduled"
    story.api("ask_checkin_again", invoice_id=invoice_id)
    assert story.click(story.ask(invoice_id)) == "paid"


def test_back_and_forth_keeps_the_books(story: Story) -> None:
    """However often: rubis are the payments less the reopened ones, and one question is live when open."""
    invoice_id, other = story.invoice(), story.invoice()
    story.update(other, status="paid")
    for turn in range(1, 6):
        story.update(invoice_id, status="paid")
        assert story.rubis() == 2
        story.update(invoice_id, status="open")
        assert story.rubis() == 1
        kinds = [kind for kind, _ in story.events(invoice_id)]
        assert kinds.count("invoice_paid") == kinds.count("invoice_reopened") == turn
        assert sum(task["status"] in LIVE for task in story.rows("checkin_task", invoice_id)) == 1
        assert sum(relance["status"] in AHEAD for relance in story.rows("relance", invoice_id)) == 1
    reversed_ones = [
        entry["reverses_rubis_entry_id"]
        for entry in story.rows("rubis_entry", invoice_id)
        if entry["delta"] == -1
    ]
    assert len(set(reversed_ones)) == 5


def test_its_number_may_be_gone(story: Story) -> None:
    """A cancelled invoice whose number was given away cannot come back under it."""
    invoice_id = story.invoice(number="A")
    story.update(invoice_id, status="cancelled")
    story.invoice(number="A")
    with story.raises("23505", "invoice__number"):
        story.update(invoice_id, status="open")


def test_a_failed_check_ins_link_is_superseded(story: Story) -> None:
    """Reopened, the invoice is asked about anew: an old mail of unknown fate does not answer for it."""
    invoice_id = story.invoice()
    begun = story.bring(invoice_id, "failed")
    story.update(invoice_id, status="paid")
    story.update(invoice_id, status="open")
    assert story.click(begun["token"]) == "expired"
