"""A mail of questions was accepted."""

from datetime import timedelta

import pytest

from tests.support.cast import Cast

DAY = timedelta(hours=24)


def test_the_question_is_asked(cast: Cast) -> None:
    """Sent, open for 24 h, told; its mail is sent too."""
    invoice_id = cast.invoice()
    begun = cast.sending(invoice_id)
    accepted_at = cast.clock.advance(seconds=2)
    cast.finish(begun)
    task = cast.task(invoice_id)
    assert (task["status"], task["sent_at"], task["expires_at"]) == ("sent", accepted_at, accepted_at + DAY)
    (attempt,) = cast.mails(invoice_id)
    assert (attempt["accepted_at"], attempt["message_id"]) == (accepted_at, begun["message_id"])
    (mail,) = cast.notices("questions")
    assert (mail["status"], mail["ended_at"], mail["end_reason"]) == ("sent", accepted_at, None)
    assert (mail["lease_expires_at"], mail["next_attempt_at"]) == (None, None)
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


@pytest.mark.parametrize("now", ["scheduled", "queued"])  # its mail
def test_a_slow_worker_in_time_settles_the_matter(cast: Cast, now: str) -> None:
    """Given up for dead, it comes back before anybody began again: its mail is the one, no other follows."""
    invoice_id = cast.invoice()
    slow = cast.sending(invoice_id)
    cast.clock.advance(minutes=3)
    cast.tick()
    if now == "queued":
        cast.queue(invoice_id)
    assert cast.notices("questions")[0]["status"] == now
    cast.finish(slow)
    assert cast.task(invoice_id)["status"] == "sent"
    cast.clock.advance(hours=1)
    cast.tick()
    assert len(cast.mails(invoice_id)) == 1
    assert cast.click(slow["token"]) == "paid"


def test_a_slow_worker_completes_only_its_own_attempt(cast: Cast) -> None:
    """Given up for dead, it comes back too late: its mail's link lives, the next attempt goes its own way."""
    invoice_id = cast.invoice()
    slow = cast.sending(invoice_id)
    cast.clock.advance(minutes=3)
    cast.tick()
    cast.sending(invoice_id)
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
    for mail_id in (0, foreign["mail_id"]):
        with cast.raises("RB404", "mail__missing", "mail_id"):
            cast.finish({"organization_id": cast.organization_id, "mail_id": mail_id, "attempt": 1})
    assert other.mails(invoice_id) == before


def test_an_attempt_that_was_not_begun_changes_nothing(cast: Cast) -> None:
    """The acceptance of an attempt that the mail never had is no acceptance of another one."""
    invoice_id = cast.invoice()
    begun = cast.sending(invoice_id)
    before = cast.effects(invoice_id), cast.mails(invoice_id)
    cast.finish({**begun, "attempt": 2})
    assert (cast.effects(invoice_id), cast.mails(invoice_id)) == before


def test_all_questions_of_a_mail_are_asked(cast: Cast) -> None:
    """Each is open for 24 h and told of by itself."""
    ids = [cast.invoice() for _ in range(3)]
    begun = cast.sending(ids[0])
    cast.finish(begun)
    for invoice_id in ids:
        assert cast.task(invoice_id)["expires_at"] == cast.now() + DAY
        assert cast.kinds(invoice_id) == ["invoice_created", "checkin_sent"]


def test_a_question_that_a_later_mail_has_in_hand_is_left_to_it(cast: Cast) -> None:
    """Of a slow mail of two, one is answered, one is being mailed again: only its own attempt is accepted."""
    answered, again = cast.invoice(), cast.invoice()
    slow = cast.sending(answered)
    cast.clock.advance(minutes=3)
    cast.tick()
    token = slow["tokens"][1]
    assert cast.click(token) == "paid"
    cast.sending(again)
    before = cast.effects(answered), cast.effects(again)
    cast.finish(slow)
    assert (cast.effects(answered), cast.effects(again)) == before
    assert cast.mails(answered)[0]["accepted_at"] == cast.now()


def test_mails_of_several_organizations_are_recorded_together(cast: Cast) -> None:
    """One call, two organizations: both questions are asked."""
    other = Cast(cast.line, now=None)
    both = [(cast, cast.invoice()), (other, other.invoice())]
    begun = [it.sending(invoice_id) for it, invoice_id in both]
    cast.worker(
        "finish_mails",
        results=cast.json([{n: b[n] for n in ("organization_id", "mail_id", "attempt")} for b in begun]),
    )
    assert [it.task(invoice_id)["status"] for it, invoice_id in both] == ["sent", "sent"]
