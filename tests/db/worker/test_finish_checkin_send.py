"""The mail was accepted."""

from datetime import timedelta

import pytest

from tests.support.story import Story

DAY = timedelta(hours=24)


def test_the_question_is_asked(story: Story) -> None:
    """Sent, open for 24 h, told; the mail has its Message-ID."""
    invoice_id = story.invoice()
    begun = story.sending(invoice_id)
    accepted_at = story.session.clock.advance(seconds=2)
    story.finish(begun)
    task = story.task(invoice_id)
    assert (task["status"], task["sent_at"], task["expires_at"]) == ("sent", accepted_at, accepted_at + DAY)
    assert task["lease_expires_at"] is None
    (mail,) = story.mails(invoice_id)
    assert (mail["accepted_at"], mail["message_id"]) == (
        accepted_at,
        f"<{mail['checkin_mail_id']}@rubis.test>",
    )
    assert story.events(invoice_id)[-1] == ("checkin_sent", None)


def test_said_twice_changes_nothing(story: Story) -> None:
    """The worker heard no answer and repeats itself: the first acceptance and its 24 h stand."""
    invoice_id = story.invoice()
    begun = story.sending(invoice_id)
    story.finish(begun)
    before = story.effects(invoice_id), story.mails(invoice_id)
    story.session.clock.advance(minutes=1)
    story.finish(begun)
    assert (story.effects(invoice_id), story.mails(invoice_id)) == before


@pytest.mark.parametrize("now", ["scheduled", "queued"])
def test_a_slow_worker_in_time_settles_the_matter(story: Story, now: str) -> None:
    """Given up for dead, it comes back before anybody began again: its mail is the one, no other follows."""
    invoice_id = story.invoice()
    slow = story.sending(invoice_id)
    story.session.clock.advance(minutes=3)
    story.tick()
    story.bring(invoice_id, now)
    story.finish(slow)
    assert story.task(invoice_id)["status"] == "sent"
    story.session.clock.advance(hours=1)
    story.tick()
    assert len(story.mails(invoice_id)) == 1
    assert story.click(slow["token"]) == "paid"


@pytest.mark.parametrize("now", ["sending"])
def test_a_slow_worker_completes_only_its_own_attempt(story: Story, now: str) -> None:
    """Given up for dead, it comes back too late: its mail's link lives, the next attempt goes its own way."""
    invoice_id = story.invoice()
    slow = story.sending(invoice_id)
    story.session.clock.advance(minutes=3)
    story.tick()
    story.bring(invoice_id, now)
    before, events = story.task(invoice_id), story.events(invoice_id)
    accepted_at = story.session.clock.advance(seconds=1)
    story.finish(slow)
    assert story.task(invoice_id) == before
    assert story.events(invoice_id) == events
    mail = story.mails(invoice_id)[0]
    assert (mail["accepted_at"], mail["failed_at"], mail["failure_class"]) == (accepted_at, None, None)
    story.session.clock.set(accepted_at + DAY - timedelta(microseconds=1))
    assert story.click(slow["token"]) == "paid"


def test_a_slow_workers_link_keeps_the_question_open(story: Story) -> None:
    """The second mail was accepted first; the question lives as long as the later acceptance's link."""
    invoice_id = story.invoice()
    slow = story.sending(invoice_id)
    story.session.clock.advance(minutes=3)
    story.tick()
    story.ask(invoice_id)
    second_at = story.now()
    slow_at = story.session.clock.advance(minutes=7)
    story.finish(slow)
    assert story.task(invoice_id)["sent_at"] == second_at
    assert story.task(invoice_id)["expires_at"] == slow_at + DAY
    story.session.clock.set(second_at + DAY)
    assert story.tick()["expired"] == 0
    assert story.click(slow["token"]) == "paid"


def test_a_slow_workers_links_run_out_by_their_own_clock(story: Story) -> None:
    """The question is still open by the slow worker's mail; the other mail's link is not."""
    invoice_id = story.invoice()
    slow = story.sending(invoice_id)
    story.session.clock.advance(minutes=3)
    story.tick()
    second = story.ask(invoice_id)
    second_at = story.now()
    story.session.clock.advance(minutes=7)
    story.finish(slow)
    story.session.clock.set(second_at + DAY)
    assert story.click(second) == "expired"
    assert story.click(slow["token"]) == "paid"


@pytest.mark.parametrize("status", ["paid", "cancelled"])
def test_settled_while_it_was_sent(story: Story, status: str) -> None:
    """The mail cannot be called back: its acceptance is noted, the check-in stays cancelled."""
    invoice_id = story.invoice()
    begun = story.sending(invoice_id)
    story.update(invoice_id, status=status)
    before = story.effects(invoice_id)
    story.finish(begun)
    assert story.effects(invoice_id) == before
    assert story.mails(invoice_id)[0]["accepted_at"] == story.now()
    assert story.click(begun["token"]) == "already_answered"


def test_replaced_while_it_was_sent(story: Story) -> None:
    """A change asked anew meanwhile: the old mail's acceptance does not touch the new question."""
    invoice_id = story.invoice()
    begun = story.sending(invoice_id)
    story.update(invoice_id, amount_cents=1)
    before = story.effects(invoice_id)
    story.finish(begun)
    assert story.effects(invoice_id) == before
    assert story.click(begun["token"]) == "expired"


def test_it_expires_for_all(story: Story) -> None:
    """Nobody answers: the tick ends it 24 h after acceptance."""
    invoice_id = story.invoice()
    story.finish(story.sending(invoice_id))
    story.session.clock.advance(hours=24)
    assert story.tick()["expired"] == 1


def test_an_unknown_mail_is_missing(story: Story) -> None:
    """No row, or another organization's."""
    other = Story(story.session, now=None)
    invoice_id = other.invoice()
    foreign = other.sending(invoice_id)
    before = other.mails(invoice_id)
    for checkin_mail_id in (0, foreign["checkin_mail_id"]):
        with story.raises("RB404", "checkin_mail__missing", "checkin_mail_id"):
            story.finish({"checkin_mail_id": checkin_mail_id})
    assert other.mails(invoice_id) == before
