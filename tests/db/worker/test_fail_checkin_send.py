"""The mail was not accepted, or nobody knows."""

from datetime import timedelta

import pytest

from tests.support.story import Story

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(hours=24)
MICROSECOND = timedelta(microseconds=1)


@pytest.mark.parametrize("failure_class", ["temporary", "unknown", "operator"])
def test_it_is_tried_again(story: Story, failure_class: str) -> None:
    """Noted on its mail, and scheduled again in a minute; the user is told nothing."""
    invoice_id = story.invoice()
    begun = story.sending(invoice_id)
    story.fail(begun, failure_class, "421 busy")
    task = story.task(invoice_id)
    assert (task["status"], task["next_attempt_at"]) == ("scheduled", story.now() + MINUTE)
    assert (task["lease_expires_at"], task["ended_at"]) == (None, None)
    (mail,) = story.mails(invoice_id)
    assert (mail["failure_class"], mail["failure_detail"], mail["failed_at"], mail["accepted_at"]) == (
        *(failure_class, "421 busy"),
        *(story.now(), None),
    )
    assert story.events(invoice_id) == [("invoice_created", None)]
    assert story.click(story.ask(invoice_id)) == "paid"


def test_refused_fails_at_once(story: Story) -> None:
    """This mail never: the check-in has failed, the user is told, and it is not tried again."""
    invoice_id = story.invoice()
    begun = story.sending(invoice_id)
    story.fail(begun, "refused", "550 no such user")
    task = story.task(invoice_id)
    assert (task["status"], task["end_reason"], task["ended_at"]) == ("failed", "mail refused", story.now())
    assert story.events(invoice_id)[-1] == ("checkin_failed", "mail refused")
    assert story.row(invoice_id)["status"] == "open"
    assert story.relance(invoice_id)["status"] == "scheduled"
    story.session.clock.advance(days=2)
    assert story.tick() == {
        "queued": 0,
        "recovered": 0,
        "expired": 0,
        "next_due_in": story.relance(invoice_id)["next_attempt_at"] - story.now(),
    }


@pytest.mark.parametrize("failure_class", ["temporary", "unknown"])
def test_back_off_doubles_up_to_an_hour_for_a_day(story: Story, failure_class: str) -> None:
    """1, 2, 4 ... 60 minutes, then every hour; the attempt that fails a day after the first is the last."""
    invoice_id = story.invoice()
    waits = []
    story.fail(begun := story.sending(invoice_id), failure_class)
    first_at = story.now()
    while (task := story.task(invoice_id))["status"] == "scheduled":
        assert story.now() < first_at + DAY
        waits.append(task["next_attempt_at"] - story.now())
        story.fail(begun := story.sending(invoice_id), failure_class)
    assert waits[:7] == [2**power * MINUTE for power in range(6)] + [HOUR]
    assert set(waits[6:]) == {HOUR}
    assert DAY <= story.now() - first_at < DAY + HOUR
    assert (task["status"], task["attempts"]) == ("failed", len(waits) + 1)
    assert story.events(invoice_id)[1:] == [("checkin_failed", f"mail {failure_class}")]
    assert len({mail["token_hash"] for mail in story.mails(invoice_id)}) == len(waits) + 1
    assert story.click(begun["token"]) == "paid"


@pytest.mark.parametrize(("before", "status"), [(MICROSECOND, "scheduled"), (timedelta(0), "failed")])
def test_the_day_ends_at_24_h(story: Story, before: timedelta, status: str) -> None:
    """Counted from the first attempt to this failure, the tenth or a later one."""
    invoice_id = story.invoice()
    story.fail(story.sending(invoice_id), "temporary")
    first_at = story.now()
    for _ in range(8):
        story.fail(story.sending(invoice_id), "temporary")
    begun = story.sending(invoice_id)
    story.session.clock.set(first_at + DAY - before)
    story.fail(begun, "temporary")
    assert story.task(invoice_id)["status"] == status


@pytest.mark.parametrize(("attempts", "status"), [(2, "scheduled"), (9, "scheduled"), (10, "failed")])
def test_the_day_has_ten_attempts(story: Story, attempts: int, status: str) -> None:
    """An outage of ours may take the day, but not the attempts."""
    invoice_id = story.invoice()
    for _ in range(attempts - 1):
        story.fail(story.sending(invoice_id), "temporary")
    story.session.clock.advance(days=3)
    story.fail(story.sending(invoice_id), "temporary")
    assert story.task(invoice_id)["status"] == status


def test_operator_failures_never_fail_a_check_in(story: Story) -> None:
    """Bad credentials for a week: retried every five minutes at the latest, mailed when they are mended."""
    invoice_id = story.invoice()
    waits = set()
    for _ in range(30):
        story.session.clock.advance(hours=6)
        story.fail(story.sending(invoice_id), "operator")
        waits.add(story.task(invoice_id)["next_attempt_at"] - story.now())
    assert waits == {MINUTE, 2 * MINUTE, 4 * MINUTE, 5 * MINUTE}
    assert story.task(invoice_id)["status"] == "scheduled"
    assert story.click(story.ask(invoice_id)) == "paid"


def test_operator_failures_do_not_use_up_the_day(story: Story) -> None:
    """After a week of them a temporary failure has its whole day ahead."""
    invoice_id = story.invoice()
    story.fail(story.sending(invoice_id), "temporary")
    for _ in range(8):
        story.session.clock.advance(days=1)
        story.fail(story.sending(invoice_id), "operator")
    story.fail(story.sending(invoice_id), "temporary")
    assert story.task(invoice_id)["status"] == "scheduled"
    begun = story.sending(invoice_id)
    story.session.clock.advance(hours=22)
    story.fail(begun, "temporary")
    assert story.task(invoice_id)["status"] == "scheduled"


@pytest.mark.parametrize("failure_class", ["temporary", "refused", "operator", "unknown"])
@pytest.mark.parametrize("now", ["scheduled", "queued", "sending", "sent", "expired"])
def test_a_slow_worker_fails_only_its_own_attempt(story: Story, failure_class: str, now: str) -> None:
    """Given up for dead, it comes back: its mail has failed, the next attempt goes its own way."""
    invoice_id = story.invoice()
    slow = story.sending(invoice_id)
    story.session.clock.advance(minutes=3)
    story.tick()
    story.bring(invoice_id, now)
    before = story.effects(invoice_id)
    story.session.clock.advance(seconds=1)
    story.fail(slow, failure_class)
    assert story.effects(invoice_id) == before
    assert story.mails(invoice_id)[0]["failure_class"] == failure_class


def test_an_accepted_mail_does_not_fail_afterwards(story: Story) -> None:
    """Accepted is final: a failure reported later for the same mail is not noted."""
    invoice_id = story.invoice()
    begun = story.sending(invoice_id)
    story.finish(begun)
    before = story.effects(invoice_id), story.mails(invoice_id)
    story.fail(begun, "refused")
    assert (story.effects(invoice_id), story.mails(invoice_id)) == before


def test_said_twice_changes_nothing(story: Story) -> None:
    """The worker lost the answer and asked again: one failure, one wait, one event."""
    invoice_id = story.invoice()
    for failure_class in ("temporary", "refused"):
        begun = story.sending(invoice_id)
        story.fail(begun, failure_class)
        before = story.effects(invoice_id)
        story.session.clock.advance(seconds=1)
        story.fail(begun, failure_class)
        assert story.effects(invoice_id) == before


@pytest.mark.parametrize("failure_class", ["temporary", "refused", "operator", "unknown"])
@pytest.mark.parametrize("answer", ["paid", "pending"])
def test_answered_while_it_was_sent(story: Story, failure_class: str, answer: str) -> None:
    """The click came first: the failure is noted on the mail and moves nothing."""
    invoice_id = story.invoice()
    begun = story.sending(invoice_id)
    story.click(begun["token"], answer)
    before = story.effects(invoice_id)
    story.fail(begun, failure_class)
    assert story.effects(invoice_id) == before


@pytest.mark.parametrize("failure_class", [None, "", "fatal", "Temporary"])
def test_another_class_is_refused(story: Story, failure_class: str) -> None:
    """There are four."""
    begun = story.sending(story.invoice())
    with story.raises("RB422", "checkin_mail__failure_class", "failure_class"):
        story.fail(begun, failure_class)


def test_a_long_detail_is_cut(story: Story) -> None:
    """500 characters tell enough."""
    invoice_id = story.invoice()
    story.fail(story.sending(invoice_id), "temporary", "é" * 1000)
    assert story.mails(invoice_id)[0]["failure_detail"] == "é" * 500


def test_an_unknown_mail_is_missing(story: Story) -> None:
    """No row, or another organization's."""
    other = Story(story.session, now=None)
    foreign = other.sending(other.invoice())
    for checkin_mail_id in (0, foreign["checkin_mail_id"]):
        with story.raises("RB404", "checkin_mail__missing", "checkin_mail_id"):
            story.fail({"checkin_mail_id": checkin_mail_id}, "temporary")
