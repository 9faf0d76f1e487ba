"""A mail of questions was not accepted, or its fate is unknown."""

from datetime import timedelta

import pytest

from tests.support.cast import Cast
from tests.support.letters import accept_another, proven

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(hours=24)
MICROSECOND = timedelta(microseconds=1)


@pytest.mark.parametrize("failure_class", ["temporary", "unknown", "operator"])
def test_a_mail_that_failed_for_now_is_tried_again(cast: Cast, failure_class: str) -> None:
    """Noted on its mail, and scheduled again in a minute; the user is told nothing."""
    invoice_id = cast.invoice()
    begun = cast.sending(invoice_id)
    cast.fail(begun, failure_class, "421 busy")
    assert cast.task(invoice_id)["status"] == "scheduled"
    (mail,) = cast.notices("questions")
    assert (mail["status"], mail["next_attempt_at"]) == ("scheduled", cast.now() + MINUTE)
    assert (mail["lease_expires_at"], mail["ended_at"]) == (None, None)
    (attempt,) = cast.mails(invoice_id)
    assert (attempt["failure_class"], attempt["failure_detail"]) == (failure_class, "421 busy")
    assert (attempt["failed_at"], attempt["accepted_at"]) == (cast.now(), None)
    assert cast.events(invoice_id) == [("invoice_created", None)]
    assert cast.click(cast.ask(invoice_id)) == "paid"


def test_a_refused_mail_fails_the_check_in_at_once(cast: Cast) -> None:
    """This mail never: the check-in has failed, the user is told, and it is not tried again."""
    invoice_id = cast.invoice()
    begun = cast.sending(invoice_id)
    cast.fail(begun, "refused", "550 no such user")
    task = cast.task(invoice_id)
    assert (task["status"], task["end_reason"], task["ended_at"]) == ("failed", "mail refused", cast.now())
    assert cast.events(invoice_id)[-1] == ("checkin_failed", "mail refused")
    assert cast.row(invoice_id)["status"] == "open"
    assert cast.relance(invoice_id)["status"] == "scheduled"
    cast.clock.advance(days=2)
    assert cast.tick() == {"queued": 0, "recovered": 0, "expired": 0}
    (mail,) = cast.notices("questions")
    assert (mail["status"], mail["end_reason"]) == ("failed", "550 no such user")


@pytest.mark.parametrize("failure_class", ["temporary", "unknown"])
def test_back_off_doubles_up_to_an_hour_for_a_day(cast: Cast, failure_class: str) -> None:
    """1, 2, 4 ... 60 minutes, then every hour; the attempt that fails a day after the first is the last."""
    proven(cast)
    invoice_id = cast.invoice()
    waits = []
    cast.fail(begun := cast.sending(invoice_id), failure_class)
    first_at = cast.now()
    accept_another(cast)
    cast.clock.set(first_at)
    while (mail := cast.notices("questions")[0])["status"] == "scheduled":
        assert cast.now() < first_at + DAY
        waits.append(mail["next_attempt_at"] - cast.now())
        cast.clock.set(mail["next_attempt_at"])
        cast.fail(begun := cast.sending(invoice_id), failure_class)
    assert waits[:7] == [2**power * MINUTE for power in range(6)] + [HOUR]
    assert set(waits[6:]) == {HOUR}
    assert DAY <= cast.now() - first_at < DAY + HOUR
    assert (mail["status"], mail["attempts"]) == ("failed", len(waits) + 1)
    assert cast.task(invoice_id)["status"] == "failed"
    assert cast.events(invoice_id)[1:] == [("checkin_failed", f"mail {failure_class}")]
    assert len({mail["token_hash"] for mail in cast.mails(invoice_id)}) == len(waits) + 1
    assert cast.click(begun["token"]) == "paid"


@pytest.mark.parametrize(("before", "status"), [(MICROSECOND, "scheduled"), (timedelta(0), "failed")])
def test_the_day_ends_at_24_h(cast: Cast, before: timedelta, status: str) -> None:
    """Counted from the first attempt to this failure, the tenth or a later one."""
    invoice_id = cast.invoice()
    cast.fail(cast.sending(invoice_id), "temporary")
    first_at = cast.now()
    accept_another(cast)
    for _ in range(8):
        cast.fail(cast.sending(invoice_id), "temporary")
    begun = cast.sending(invoice_id)
    cast.clock.set(first_at + DAY - before)
    cast.fail(begun, "temporary")
    assert cast.task(invoice_id)["status"] == status


@pytest.mark.parametrize(("attempts", "status"), [(2, "scheduled"), (9, "scheduled"), (10, "failed")])
def test_the_day_has_ten_attempts(cast: Cast, attempts: int, status: str) -> None:
    """An outage of ours may take the day, but not the attempts."""
    invoice_id = cast.invoice()
    for _ in range(attempts - 1):
        cast.fail(cast.sending(invoice_id), "temporary")
    accept_another(cast)
    cast.clock.advance(days=3)
    cast.fail(cast.sending(invoice_id), "temporary")
    assert cast.task(invoice_id)["status"] == status


def test_operator_failures_never_fail_a_check_in(cast: Cast) -> None:
    """Bad credentials for a week: retried every five minutes at the latest, mailed when they are mended."""
    invoice_id = cast.invoice()
    waits = set()
    for _ in range(30):
        cast.clock.advance(hours=6)
        cast.fail(cast.sending(invoice_id), "operator")
        waits.add(cast.notices("questions")[0]["next_attempt_at"] - cast.now())
    assert waits == {MINUTE, 2 * MINUTE, 4 * MINUTE, 5 * MINUTE}
    assert cast.task(invoice_id)["status"] == "scheduled"
    assert cast.click(cast.ask(invoice_id)) == "paid"


def test_operator_failures_do_not_use_up_the_day(cast: Cast) -> None:
    """After a week of them a temporary failure has its whole day ahead."""
    invoice_id = cast.invoice()
    cast.fail(cast.sending(invoice_id), "temporary")
    for _ in range(8):
        cast.clock.advance(days=1)
        cast.fail(cast.sending(invoice_id), "operator")
    cast.fail(cast.sending(invoice_id), "temporary")
    assert cast.task(invoice_id)["status"] == "scheduled"
    begun = cast.sending(invoice_id)
    cast.clock.advance(hours=22)
    cast.fail(begun, "temporary")
    assert cast.task(invoice_id)["status"] == "scheduled"


@pytest.mark.parametrize("failure_class", ["temporary", "refused", "operator", "unknown"])
@pytest.mark.parametrize("now", ["scheduled", "queued", "sending", "sent", "expired"])
def test_a_slow_worker_fails_only_its_own_attempt(cast: Cast, failure_class: str, now: str) -> None:
    """Given up for dead, it comes back: its mail has failed, the next attempt goes its own way."""
    invoice_id = cast.invoice()
    slow = cast.sending(invoice_id)
    cast.clock.advance(minutes=3)
    cast.tick()
    cast.bring(invoice_id, now)
    before = cast.effects(invoice_id)
    cast.clock.advance(seconds=1)
    cast.fail(slow, failure_class)
    assert cast.effects(invoice_id) == before
    assert cast.mails(invoice_id)[0]["failure_class"] == failure_class


def test_an_accepted_mail_does_not_fail_afterwards(cast: Cast) -> None:
    """Accepted is final: a failure reported later for the same mail is not noted."""
    invoice_id = cast.invoice()
    begun = cast.sending(invoice_id)
    cast.finish(begun)
    before = cast.effects(invoice_id), cast.mails(invoice_id)
    cast.fail(begun, "refused")
    assert (cast.effects(invoice_id), cast.mails(invoice_id)) == before


def test_a_failure_said_twice_changes_nothing(cast: Cast) -> None:
    """The worker lost the answer and asked again: one failure, one wait, one event."""
    invoice_id = cast.invoice()
    for failure_class in ("temporary", "refused"):
        begun = cast.sending(invoice_id)
        cast.fail(begun, failure_class)
        before = cast.effects(invoice_id)
        cast.clock.advance(seconds=1)
        cast.fail(begun, failure_class)
        assert cast.effects(invoice_id) == before


@pytest.mark.parametrize("failure_class", ["temporary", "refused", "operator", "unknown"])
@pytest.mark.parametrize("answer", ["paid", "pending"])
def test_answered_while_it_was_sent(cast: Cast, failure_class: str, answer: str) -> None:
    """The click came first: the failure is noted on the mail and moves nothing."""
    invoice_id = cast.invoice()
    begun = cast.sending(invoice_id)
    cast.click(begun["token"], answer)
    before = cast.effects(invoice_id)
    cast.fail(begun, failure_class)
    assert cast.effects(invoice_id) == before


@pytest.mark.parametrize("failure_class", [None, "", "fatal", "Temporary"])
def test_another_class_is_refused(cast: Cast, failure_class: str) -> None:
    """A failure of a class other than the five is refused."""
    begun = cast.sending(cast.invoice())
    with cast.raises("RB422", "mail_attempt__failure_class", "failure_class"):
        cast.fail(begun, failure_class)


def test_a_long_detail_is_cut(cast: Cast) -> None:
    """A failure's detail is cut to 500 characters."""
    invoice_id = cast.invoice()
    cast.fail(cast.sending(invoice_id), "temporary", "é" * 1000)
    assert cast.mails(invoice_id)[0]["failure_detail"] == "é" * 500


def test_an_unknown_mail_is_missing(cast: Cast) -> None:
    """A failure of an unknown mail, or of another organization's, is refused."""
    other = Cast(cast.line, now=None)
    foreign = other.sending(other.invoice())
    for mail_id in (0, foreign["mail_id"]):
        with cast.raises("RB404", "mail__missing", "mail_id"):
            cast.fail(
                {"organization_id": cast.organization_id, "mail_id": mail_id, "attempt": 1}, "temporary"
            )
    assert (
        other.mails(other.session.value("select max(invoice_id) from rubis.invoice"))[0]["failed_at"] is None
    )
