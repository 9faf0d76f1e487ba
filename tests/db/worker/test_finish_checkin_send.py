"""The mail was accepted."""

from datetime import timedelta

import pytest

from tests.support.cast import Cast

DAY = timedelta(hours=24)


def test_the_question_is_asked(cast: Cast) -> None:
    """Sent, open for 24 h, told; the mail has its Message-ID."""
    invoice_id = cast.invoice()
    begun = cast.sending(invoice_id)
    accepted_at = cast.clock.advance(seconds=2)
    cast.finish(begun)
    task = cast.task(invoice_id)
    assert (task["status"], task["sent_at"], task["expires_at"]) == ("sent", accepted_at, accepted_at + DAY)
    assert task["lease_expires_at"] is None
    (mail,) = cast.mails(invoice_id)
    assert (mail["accepted_at"], mail["message_id"]) == (
        accepted_at,
        f"<{mail['checkin_mail_id']}@rubis.test>",
    )
    assert cast.events(invoice_id)[-1] == ("checkin_sent", None)


def test_an_acceptance_said_twice_changes_nothing(cast: Cast) -> None:
    """The worker heard no answer and repeats itself: the first acceptance and its 24 h stand."""
    invoice_id = cast.invoice()
    begun = cast.sending(invoice_id)
    cast.finish(begun)
    before = cast.effects(invoice_id), cast.mails(invoice_id)
    cast.clock.advance(minutes=1)
    cast.finish(begun)
    assert (cast.effects(invoice_id), cast.mails(invoice_id)) == before


@pytest.mark.parametrize("now", ["scheduled", "queued"])
def test_a_slow_worker_in_time_settles_the_matter(cast: Cast, now: str) -> None:
    """Given up for dead, it comes back before anybody began again: its mail is the one, no other follows."""
    invoice_id = cast.invoice()
    slow = cast.sending(invoice_id)
    cast.clock.advance(minutes=3)
    cast.tick()
    cast.bring(invoice_id, now)
    cast.finish(slow)
    assert cast.task(invoice_id)["status"] == "sent"
    cast.clock.advance(hours=1)
    cast.tick()
    assert len(cast.mails(invoice_id)) == 1
    assert cast.click(slow["token"]) == "paid"


@pytest.mark.parametrize("now", ["sending"])
def test_a_slow_worker_completes_only_its_own_attempt(cast: Cast, now: str) -> None:
    """Given up for dead, it comes back too late: its mail's link lives, the next attempt goes its own way."""
    invoice_id = cast.invoice()
    slow = cast.sending(invoice_id)
    cast.clock.advance(minutes=3)
    cast.tick()
    cast.bring(invoice_id, now)
    before, events = cast.task(invoice_id), cast.events(invoice_id)
    accepted_at = cast.clock.advance(seconds=1)
    cast.finish(slow)
    assert cast.task(invoice_id) == before
    assert cast.events(invoice_id) == events
    mail = cast.mails(invoice_id)[0]
    assert (mail["accepted_at"], mail["failed_at"], mail["failure_class"]) == (accepted_at, None, None)
    cast.clock.set(accepted_at + DAY - timedelta(microseconds=1))
    assert cast.click(slow["token"]) == "paid"


def test_a_slow_workers_link_keeps_the_question_open(cast: Cast) -> None:
    """The second mail was accepted first; the question lives as long as the later acceptance's link."""
    invoice_id = cast.invoice()
    slow = cast.sending(invoice_id)
    cast.clock.advance(minutes=3)
    cast.tick()
    cast.ask(invoice_id)
    second_at = cast.now()
    slow_at = cast.clock.advance(minutes=7)
    cast.finish(slow)
    assert cast.task(invoice_id)["sent_at"] == second_at
    assert cast.task(invoice_id)["expires_at"] == slow_at + DAY
    cast.clock.set(second_at + DAY)
    assert cast.tick()["expired"] == 0
    assert cast.click(slow["token"]) == "paid"


def test_a_slow_workers_links_run_out_by_their_own_clock(cast: Cast) -> None:
    """The question is still open by the slow worker's mail; the other mail's link is not."""
    invoice_id = cast.invoice()
    slow = cast.sending(invoice_id)
    cast.clock.advance(minutes=3)
    cast.tick()
    second = cast.ask(invoice_id)
    second_at = cast.now()
    cast.clock.advance(minutes=7)
    cast.finish(slow)
    cast.clock.set(second_at + DAY)
    assert cast.click(second) == "expired"
    assert cast.click(slow["token"]) == "paid"


@pytest.mark.parametrize("status", ["paid", "cancelled"])
def test_an_invoice_settled_while_its_mail_was_sent(cast: Cast, status: str) -> None:
    """The mail cannot be called back: its acceptance is noted, the check-in stays cancelled."""
    invoice_id = cast.invoice()
    begun = cast.sending(invoice_id)
    cast.update(invoice_id, status=status)
    before = cast.effects(invoice_id)
    cast.finish(begun)
    assert cast.effects(invoice_id) == before
    assert cast.mails(invoice_id)[0]["accepted_at"] == cast.now()
    assert cast.click(begun["token"]) == "already_answered"


def test_replaced_while_it_was_sent(cast: Cast) -> None:
    """A change asks again meanwhile: the old mail's acceptance does not touch the new question."""
    invoice_id = cast.invoice()
    begun = cast.sending(invoice_id)
    cast.update(invoice_id, amount_cents=1)
    before = cast.effects(invoice_id)
    cast.finish(begun)
    assert cast.effects(invoice_id) == before
    assert cast.click(begun["token"]) == "expired"


def test_a_check_in_expires_24_h_after_acceptance(cast: Cast) -> None:
    """The owner does not answer: the tick ends it 24 h after acceptance."""
    invoice_id = cast.invoice()
    cast.finish(cast.sending(invoice_id))
    cast.clock.advance(hours=24)
    assert cast.tick()["expired"] == 1


def test_an_unknown_mail_is_missing(cast: Cast) -> None:
    """The acceptance of an unknown mail, or of another organization's, is refused."""
    other = Cast(cast.line, now=None)
    invoice_id = other.invoice()
    foreign = other.sending(invoice_id)
    before = other.mails(invoice_id)
    for checkin_mail_id in (0, foreign["checkin_mail_id"]):
        with cast.raises("RB404", "checkin_mail__missing", "checkin_mail_id"):
            cast.finish({"checkin_mail_id": checkin_mail_id})
    assert other.mails(invoice_id) == before
