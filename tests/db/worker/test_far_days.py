"""No day that can be written stops the ticks or the search for a working day."""

import pytest

from tests.support.cast import Cast
from tests.support.letters import calendar, pending, queued_letter, until_due

FURTHEST = [
    "update rubis.client set paused_until = '2999-12-31'",
    "update rubis.invoice set paused_until = '2999-12-31'",
    "update rubis.invoice set issued_on = '2999-12-31', due_on = '2999-12-31'",
    "update rubis.relance_plan_step set days_after_due = 365 where step = 3",
    "update rubis.checkin_task set scheduled_at = '3100-01-01' where status = 'scheduled'",
    "update rubis.relance set next_look_at = '1970-01-01' where status = 'scheduled'",
    "update rubis.relance set next_look_at = '3100-01-01' where status = 'scheduled'",
    "update rubis.relance set scheduled_at = '3100-01-01' where status = 'scheduled'",
    "update rubis.relance_plan_step set days_after_due = 365 where step = 1",
    "update rubis.mail set attempts = 32766",
    "update rubis.mail_attempt set attempted_at = '3100-01-01'",
    "update rubis.agenda set next_due_at = '3100-01-01'",
    "insert into rubis.wake (organization_id, at) select organization_id, '3100-01-01' from rubis.agenda",
    'update rubis.mail set data = data || \'{"said_at": "infinity"}\'',
]


@pytest.mark.parametrize("statement", FURTHEST)
def test_the_furthest_day_of_a_row_keeps_nothing_else_waiting(cast: Cast, statement: str) -> None:
    """A DBA writes it: the letter of another organization leaves all the same, and the API shows both."""
    calendar(cast)
    odd = pending(cast)
    cast.dba(statement)
    cast.api("list_invoice_relances", invoice_id=odd)
    assert cast.session.value("select count(*) from audit.relance_verdict") >= 0
    other = Cast(cast.line, now=None, name="Voisin")
    even = pending(other)
    until_due(other, even)
    assert queued_letter(other, even) is not None
    cast.tick()
    cast.api("list_invoice_relances", invoice_id=odd)


@pytest.mark.parametrize(
    "statement",
    [
        "update rubis.client set paused_until = '5874897-12-31'",
        "update rubis.invoice set paused_until = '5874897-12-31'",
        "update rubis.invoice set paused_until = '-infinity'",
    ],
)
def test_a_pause_that_stopped_all_ticks_is_refused(cast: Cast, statement: str) -> None:
    """It overflowed in the search for the day after it, and with it the tick of every organization."""
    pending(cast)
    with cast.raises("23514", "pause_day__range"):
        cast.dba(statement)
    cast.tick()


def test_a_pause_without_an_end_is_taken(cast: Cast) -> None:
    """Infinity is the word for it."""
    calendar(cast)
    invoice_id = pending(cast)
    cast.dba("update rubis.client set paused_until = 'infinity'")
    assert until_due(cast, invoice_id)["hold_reason"] == "paused"
