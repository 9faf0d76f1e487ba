"""What was late is told once, when it is over."""

from datetime import timedelta

import pytest

from tests.support.cast import Cast
from tests.support.letters import (
    begin_notice,
    fail_letter,
    finish_letter,
    pending,
    sending_letter,
    until_due,
)


def notices(cast: Cast) -> list[list[str]]:
    """The invoices named in each notice."""
    return [mail["data"]["invoices"] for mail in cast.notices("late_notice")]


@pytest.mark.parametrize(("minutes", "told"), [(9, 0), (31, 1)])
def test_a_notice_tells_that_ticks_stopped(known: Cast, minutes: int, told: int) -> None:
    """Ten minutes at least, and something was due meanwhile: one notice that names it."""
    invoice_id = known.invoice(number="late")
    known.clock.set("2026-03-20 08:59 Europe/Paris")
    known.tick()
    known.clock.advance(minutes=minutes)
    known.tick()
    known.tick()
    assert notices(known) == [["late"]] * told
    assert known.queued_mail(invoice_id) is not None


def test_a_notice_follows_weeks_without_a_worker(known: Cast) -> None:
    """A worker prunes heartbeats before it ticks; the last one stays, so the notice is written."""
    known.invoice(number="late")
    known.tick()
    known.clock.advance(days=30)
    known.worker("prune_heartbeats")
    known.tick()
    assert notices(known) == [["late"]]


def test_mail_failed_for_operator_reasons(known: Cast) -> None:
    """Eleven minutes of them, then one is accepted: told once, although another fails right after."""
    invoice_id = pending(known, number="late")
    other = pending(known, number="other", client_name="Other", client_email="other@clients.test")
    begun = sending_letter(known, invoice_id)
    fail_letter(known, begun, "operator")
    while not notices(known):
        begun = sending_letter(known, invoice_id)
        if (known.now() - known.letters(invoice_id)[0]["failed_at"]).total_seconds() < 660:
            fail_letter(known, begun, "operator")
            continue
        finish_letter(known, begun)
        known.clock.advance(seconds=1)
        fail_letter(known, sending_letter(known, other), "operator")
        known.clock.advance(seconds=1)
        known.tick()
        known.tick()
        break
    assert notices(known) == [["late"]]


def test_a_short_failure_is_not_told(known: Cast) -> None:
    """A failure that is mended after a minute is not told to the user."""
    invoice_id = pending(known)
    fail_letter(known, sending_letter(known, invoice_id), "operator")
    finish_letter(known, sending_letter(known, invoice_id))
    known.clock.advance(minutes=1)
    known.tick()
    assert notices(known) == []
    assert until_due(known, invoice_id)["step"] == 2


def proof_fails(cast: Cast) -> None:
    """The mail that proves the user's address is attempted, and fails for reasons of ours."""
    cast.fail(begin_notice(cast), "operator", "535 5.7.8 authentication failed")


def outages(cast: Cast) -> list[float]:
    """How many minutes each outage of the mail lasted."""
    rows = cast.session.rows("select * from rubis.outage where kind = 'mail' order by outage_id")
    return [(row["ended_at"] - row["began_at"]).total_seconds() / 60 for row in rows]


def test_an_outage_that_met_only_mails_to_users_is_recorded(cast: Cast) -> None:
    """A mail to a user that fails for eleven minutes is an outage; no invoice was late, so none is told."""
    cast.invoice(number="in time")
    cast.api("request_email_proof")
    proof_fails(cast)
    cast.clock.advance(minutes=6)
    proof_fails(cast)
    cast.clock.advance(minutes=5)
    cast.finish(begin_notice(cast))
    cast.clock.advance(seconds=1)
    cast.tick()
    assert outages(cast) == [11]
    assert notices(cast) == []


def test_an_outage_begins_with_the_first_mail_of_any_kind(cast: Cast) -> None:
    """A mail to a user failed first, then a check-in: the outage has the length of both, and is told."""
    invoice_id = cast.invoice(number="late")
    cast.clock.set("2026-03-20 08:55 Europe/Paris")
    cast.tick()
    cast.api("request_email_proof")
    proof_fails(cast)
    cast.fail(cast.sending(invoice_id), "operator")
    assert cast.mails(invoice_id)[-1]["next_attempt_at"] - cast.now() == timedelta(minutes=1)
    cast.clock.advance(minutes=6)
    cast.tick()
    cast.finish(cast.begin(invoice_id))
    cast.clock.advance(seconds=1)
    cast.tick()
    assert outages(cast) == [11]
    assert notices(cast) == [["late"]]
