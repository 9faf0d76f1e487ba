"""When the first relance leaves."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.support.cast import ASKED_AT, NOW, Cast
from tests.support.letters import begin_letter, is_leaving, pending, until_due

DAY = timedelta(hours=24)


def test_the_first_step_of_the_default_plan(cast: Cast) -> None:
    """Three days after the due date at the organization's relance time, courteous, and no other is ahead."""
    (relance,) = cast.rows("relance", cast.invoice())
    assert (relance["step"], relance["tone"], relance["status"]) == (1, "courteous", "scheduled")
    assert relance["scheduled_at"] == relance["next_look_at"] == datetime(2026, 3, 23, 9, tzinfo=UTC)


def test_the_plan_says_when_and_how(cast: Cast) -> None:
    """Another first step counts, through the change of the clocks; a Sunday, so the Monday after."""
    cast.dba(
        "update rubis.relance_plan_step set days_after_due = 9, tone = 'formal_notice'"
        " where organization_id = %s and step = 1",
        cast.organization_id,
    )
    relance = cast.relance(cast.invoice())
    assert (relance["tone"], relance["scheduled_at"]) == (
        "formal_notice",
        datetime(2026, 3, 30, 8, tzinfo=UTC),
    )


@pytest.mark.parametrize("relance_time", ["00:00", "10:00", "10:01", "10:02", "23:59"])
@pytest.mark.parametrize("due_on", [date(2025, 3, 1), date(2026, 2, 26), date(2026, 3, 1), date(2026, 3, 2)])
def test_late_it_leaves_the_check_in_a_day(cast: Cast, relance_time: str, due_on: date) -> None:
    """Overdue: asked in a minute, the client reminded at the first relance time 24 h after, no weekend."""
    cast.settings(relance_time=relance_time)
    invoice_id = cast.invoice(due_on=due_on, issued_on=due_on)
    asked_at = cast.task(invoice_id)["scheduled_at"]
    assert asked_at == NOW + timedelta(minutes=1)
    days = (due_on + timedelta(days=3 + day) for day in range(400))
    moments = (
        datetime.combine(day, time.fromisoformat(relance_time), ZoneInfo("Europe/Paris")) for day in days
    )
    assert cast.relance(invoice_id)["scheduled_at"] == next(
        at for at in moments if at >= asked_at + DAY and at.weekday() < 5
    )


def test_exactly_a_day_after_is_not_within_it(cast: Cast) -> None:
    """Asked at 10:01, reminded at 10:01 the next day."""
    cast.settings(relance_time="10:01")
    invoice_id = cast.invoice(due_on=date(2026, 1, 2), issued_on=date(2026, 1, 1))
    assert cast.relance(invoice_id)["scheduled_at"] - cast.task(invoice_id)["scheduled_at"] == DAY


@pytest.mark.parametrize(
    "due_on", [date(2026, 3, 28), date(2026, 3, 29), date(2026, 10, 24), date(2026, 10, 25)]
)
@pytest.mark.parametrize("checkin_time", ["00:00", "09:00", "23:59"])
@pytest.mark.parametrize("relance_time", ["00:00", "02:30", "23:59"])
def test_a_relance_never_leaves_within_a_day_of_the_check_in(
    cast: Cast, due_on: date, checkin_time: str, relance_time: str
) -> None:
    """Whatever the times of day, and though a day may have 23 hours."""
    cast.settings(checkin_time=checkin_time, relance_time=relance_time)
    cast.dba(
        "update rubis.relance_plan_step set days_after_due = 1 where organization_id = %s and step = 1",
        cast.organization_id,
    )
    invoice_id = cast.invoice(due_on=due_on)
    relance_at = cast.relance(invoice_id)["scheduled_at"]
    gap = relance_at - cast.task(invoice_id)["scheduled_at"]
    monday = relance_at.astimezone(ZoneInfo("Europe/Paris")).weekday() == 0
    assert DAY <= gap < (timedelta(hours=97) if monday else timedelta(hours=49))


def test_a_moved_due_date_moves_the_same_relance(cast: Cast) -> None:
    """The relance ahead keeps its row and takes the new day."""
    invoice_id = cast.invoice()
    before = cast.relance(invoice_id)
    cast.update(invoice_id, due_on=date(2026, 4, 20))
    (after,) = cast.rows("relance", invoice_id)
    assert after["relance_id"] == before["relance_id"]
    assert after["scheduled_at"] == after["next_look_at"] == datetime(2026, 4, 23, 8, tzinfo=UTC)


def test_a_change_near_its_day_gives_the_new_question_its_day(cast: Cast) -> None:
    """The amount changed an hour before the relance: asked again in a minute, so the relance waits."""
    invoice_id = cast.invoice()
    cast.click(cast.ask(invoice_id), "pending")
    cast.clock.set("2026-03-23 09:00 Europe/Paris")
    cast.update(invoice_id, amount_cents=5)
    asked_at = cast.task(invoice_id)["scheduled_at"]
    assert asked_at == cast.now() + timedelta(minutes=1)
    assert cast.relance(invoice_id)["scheduled_at"] == datetime(2026, 3, 24, 9, tzinfo=UTC) > asked_at + DAY


def test_a_held_relance_is_let_go(cast: Cast) -> None:
    """Planned again, it has a new day, and the tick judges it again then."""
    invoice_id = cast.invoice()
    cast.dba(
        "update rubis.relance set status = 'held', next_look_at = null, hold_reason = 'paused'"
        " where invoice_id = %s",
        invoice_id,
    )
    cast.update(invoice_id, due_on=date(2026, 4, 20))
    (relance,) = cast.rows("relance", invoice_id)
    assert (relance["status"], relance["hold_reason"]) == ("scheduled", None)
    assert relance["scheduled_at"] == relance["next_look_at"] == datetime(2026, 4, 23, 8, tzinfo=UTC)


def test_one_whose_letter_is_queued_is_scheduled_again(known: Cast) -> None:
    """A change of the invoice moves it with the due date, and the queued letter has nothing to say."""
    invoice_id = pending(known)
    until_due(known, invoice_id)
    assert is_leaving(known, invoice_id)
    known.update(invoice_id, due_on=date(2026, 4, 20))
    (relance,) = known.rows("relance", invoice_id)
    assert (relance["status"], relance["due_on"]) == ("scheduled", date(2026, 4, 20))
    assert relance["scheduled_at"] == datetime(2026, 4, 23, 8, tzinfo=UTC)
    assert begin_letter(known, invoice_id)["skip_reason"] == "no relance is due"


@pytest.mark.parametrize("status", ["sending", "unconfirmed"])
def test_a_relance_on_its_way_stays_as_it_is(cast: Cast, status: str) -> None:
    """A change of the invoice neither moves nor doubles a relance that is leaving."""
    invoice_id = cast.invoice()
    on_its_way(cast, invoice_id, status)
    before = cast.rows("relance", invoice_id)
    cast.update(invoice_id, due_on=date(2026, 4, 20))
    assert cast.rows("relance", invoice_id) == before


@pytest.mark.parametrize(
    ("status", "settled"),
    [("scheduled", "cancelled"), ("unconfirmed", "cancelled"), ("sending", "sending")],
)
def test_settling_stops_what_has_not_left(cast: Cast, status: str, settled: str) -> None:
    """Scheduled or unconfirmed it is cancelled; the one that is being sent cannot be called back."""
    invoice_id = cast.invoice()
    on_its_way(cast, invoice_id, status)
    cast.update(invoice_id, status="paid")
    assert cast.relance(invoice_id)["status"] == settled


def test_the_next_step_follows_a_sent_one(cast: Cast) -> None:
    """Once a step has left, a change of the invoice puts the next one ahead; after the last there is none."""
    invoice_id = cast.invoice(issued_on="2026-02-01", due_on="2026-02-20")
    for step in (1, 2, 3):
        assert cast.relance(invoice_id)["step"] == step
        on_its_way(cast, invoice_id, "sent")
        cast.update(invoice_id, amount_cents=step)
    assert [relance["status"] for relance in cast.rows("relance", invoice_id)] == ["sent"] * 3


def test_an_organization_without_a_plan_has_no_relance_ahead(cast: Cast) -> None:
    """An organization that has no default plan sends no relances; its check-ins are asked."""
    cast.dba(
        "update rubis.relance_plan set is_default = false where organization_id = %s", cast.organization_id
    )
    invoice_id = cast.invoice()
    assert cast.rows("relance", invoice_id) == []
    assert cast.task(invoice_id)["scheduled_at"] == ASKED_AT


def on_its_way(cast: Cast, invoice_id: int, status: str) -> None:
    """Bring the relance ahead to this status, as its letter does."""
    path = {
        "scheduled": [],
        "sending": ["sending"],
        "unconfirmed": ["sending", "unconfirmed"],
        "sent": ["sending", "sent"],
    }
    for step in path[status]:
        cast.dba(
            "update rubis.relance set status = %(to)s::text, next_look_at = null,"
            " sent_at = case when %(to)s::text = 'sent' then rubis.clock() end"
            " where invoice_id = %(id)s and status not in ('sent', 'cancelled')",
            to=step,
            id=invoice_id,
        )
