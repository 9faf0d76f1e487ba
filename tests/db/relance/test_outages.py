"""What was late is told once, when it is over."""

import pytest

from tests.support.cast import Cast
from tests.support.letters import fail_letter, finish_letter, pending, sending_letter, until_due


def notices(cast: Cast) -> list[list[str]]:
    """The invoices named in each notice."""
    rows = cast.session.rows(
        "select data from rubis.user_mail where kind = 'late_notice' order by user_mail_id"
    )
    return [row["data"]["invoices"] for row in rows]


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
    assert known.task(invoice_id)["status"] == "queued"


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
    invoice_id, other = pending(known, number="late"), pending(known, number="other")
    begun = sending_letter(known, invoice_id)
    fail_letter(known, begun, "operator")
    while not notices(known):
        begun = sending_letter(known, invoice_id)
        if (known.now() - known.rows("relance_mail", invoice_id)[0]["failed_at"]).total_seconds() < 660:
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
    """One failure, mended after a minute."""
    invoice_id = pending(known)
    fail_letter(known, sending_letter(known, invoice_id), "operator")
    finish_letter(known, sending_letter(known, invoice_id))
    known.clock.advance(minutes=1)
    known.tick()
    assert notices(known) == []
    assert until_due(known, invoice_id)["step"] == 2
