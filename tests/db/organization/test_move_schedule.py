"""A changed zone or time of day moves what is scheduled."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.support.cast import ASKED_AT, Cast

REMINDED_AT = datetime(2026, 3, 23, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("settings", "asked_at", "reminded_at"),
    [
        ({"checkin_time": "08:15"}, datetime(2026, 3, 20, 7, 15, tzinfo=UTC), REMINDED_AT),
        ({"relance_time": "14:00"}, ASKED_AT, datetime(2026, 3, 23, 13, tzinfo=UTC)),
        (
            {"time_zone": "America/New_York"},
            datetime(2026, 3, 20, 13, tzinfo=UTC),
            datetime(2026, 3, 23, 14, tzinfo=UTC),
        ),
        (
            {"time_zone": "Asia/Kolkata", "checkin_time": "00:00", "relance_time": "00:30"},
            datetime(2026, 3, 19, 18, 30, tzinfo=UTC),
            datetime(2026, 3, 22, 19, tzinfo=UTC),
        ),
    ],
    ids=repr,
)
@pytest.mark.parametrize("by", ["api", "dba"])
def test_the_scheduled_move_in_place(
    cast: Cast, settings: dict[str, Any], asked_at: datetime, reminded_at: datetime, by: str
) -> None:
    """Changed by the API and shown, or by a DBA and ticked: both keep their rows, at the new local time."""
    invoice_id = cast.invoice()
    before = cast.task(invoice_id)["checkin_task_id"]
    if by == "api":
        cast.api("update_organization", changes=cast.json(settings))
        cast.document(invoice_id)
    else:
        cast.settings(**settings)
        cast.tick()
    (task,) = cast.rows("checkin_task", invoice_id)
    assert task["checkin_task_id"] == before
    assert task["scheduled_at"] == asked_at
    (relance,) = cast.rows("relance", invoice_id)
    assert relance["scheduled_at"] == relance["next_look_at"] == reminded_at
    assert cast.events(invoice_id) == [("invoice_created", None)]


@pytest.mark.parametrize("status", ["queued", "sending", "sent", "failed", "expired"])
def test_what_has_begun_stays(cast: Cast, status: str) -> None:
    """A question on its way, asked or ended keeps its moments."""
    invoice_id = cast.invoice()
    cast.bring(invoice_id, status)
    before = cast.task(invoice_id)
    cast.settings(time_zone="America/New_York", checkin_time="23:00")
    cast.plan_again()
    assert cast.task(invoice_id) == before


@pytest.mark.parametrize("failure_class", ["temporary", "unknown", "operator"])
def test_a_retry_stays(cast: Cast, failure_class: str) -> None:
    """A question that waits to be tried again was due already: it does not wait for another day."""
    invoice_id = cast.invoice()
    cast.fail(cast.sending(invoice_id), failure_class)
    before = cast.task(invoice_id)
    cast.settings(time_zone="America/New_York", checkin_time="23:00")
    cast.plan_again()
    assert cast.task(invoice_id) == before


def test_a_question_due_now_stays(cast: Cast) -> None:
    """Due, though no tick has seen it yet: it is asked, not moved."""
    invoice_id = cast.invoice()
    cast.clock.set(ASKED_AT)
    cast.settings(checkin_time="18:00")
    cast.plan_again()
    assert cast.task(invoice_id)["scheduled_at"] == ASKED_AT


def test_a_time_already_passed_today_asks_in_a_minute(cast: Cast) -> None:
    """On the due date at 08:00 the time moves from 09:00 to 07:00: asked in a minute."""
    invoice_id = cast.invoice()
    cast.clock.set("2026-03-20 08:00 Europe/Paris")
    cast.settings(checkin_time="07:00")
    cast.plan_again()
    assert cast.task(invoice_id)["scheduled_at"] == cast.now() + timedelta(minutes=1)


def test_asked_again_stays_now(cast: Cast) -> None:
    """The user asked for now."""
    invoice_id = cast.invoice()
    cast.api("ask_checkin_again", invoice_id=invoice_id)
    before = cast.task(invoice_id)
    cast.settings(checkin_time="18:00")
    cast.plan_again()
    assert cast.task(invoice_id) == before


def test_the_relance_keeps_a_day_from_the_moved_question(cast: Cast) -> None:
    """A later check-in pushes the relance that was a day behind it."""
    cast.dba(
        "update rubis.relance_plan_step set days_after_due = 1 where organization_id = %s and step = 1",
        cast.organization_id,
    )
    invoice_id = cast.invoice(due_on=date(2026, 3, 18))
    assert cast.relance(invoice_id)["scheduled_at"] == datetime(2026, 3, 19, 9, tzinfo=UTC)
    cast.settings(checkin_time="11:00")
    cast.plan_again()
    assert cast.relance(invoice_id)["scheduled_at"] == datetime(2026, 3, 20, 9, tzinfo=UTC)


def test_cancelled_questions_have_no_say(cast: Cast) -> None:
    """Due in June, then in March: the relance does not wait for the question that June would have had."""
    invoice_id = cast.invoice(due_on=date(2026, 6, 20))
    cast.update(invoice_id, due_on=date(2026, 3, 20))
    assert cast.relance(invoice_id)["scheduled_at"] == REMINDED_AT
    cast.settings(relance_time="10:30")
    cast.plan_again()
    assert cast.relance(invoice_id)["scheduled_at"] == REMINDED_AT + timedelta(minutes=30)


def test_a_held_relance_is_let_go(cast: Cast) -> None:
    """It takes the new time, and the tick judges it again then."""
    invoice_id = cast.invoice()
    cast.dba(
        "update rubis.relance set status = 'held', next_look_at = null, hold_reason = 'paused'"
        " where invoice_id = %s",
        invoice_id,
    )
    cast.settings(relance_time="11:00")
    cast.plan_again()
    relance = cast.relance(invoice_id)
    assert (relance["status"], relance["hold_reason"]) == ("scheduled", None)
    assert relance["scheduled_at"] == relance["next_look_at"] == REMINDED_AT + timedelta(hours=1)


def test_a_relance_whose_time_has_come_stays(cast: Cast) -> None:
    """Due, though nothing has sent it yet: it leaves, it is not moved."""
    invoice_id = cast.invoice()
    cast.click(cast.ask(invoice_id), "pending")
    cast.clock.set(REMINDED_AT)
    before = cast.relance(invoice_id)
    cast.settings(relance_time="18:00")
    cast.plan_again()
    assert cast.relance(invoice_id) == before


def test_settled_invoices_and_other_organizations_stay(cast: Cast) -> None:
    """Only open invoices of this organization have anything to move."""
    paid, elsewhere = cast.invoice(), Cast(cast.line)
    other = elsewhere.invoice()
    cast.update(paid, status="paid")
    before = cast.effects(paid), elsewhere.effects(other)
    cast.settings(time_zone="Asia/Tokyo", checkin_time="07:00", relance_time="07:00")
    cast.plan_again()
    assert (cast.effects(paid), elsewhere.effects(other)) == before


@pytest.mark.parametrize(
    "settings",
    [{"name": "Autre"}, {"locale": "en"}, {"checkin_time": "09:00"}, {"time_zone": "Europe/Paris"}],
)
def test_other_settings_move_nothing(cast: Cast, settings: dict[str, Any]) -> None:
    """A new name or language, or the same time again, moves nothing."""
    invoice_id = cast.invoice(due_on=date(2026, 3, 1))
    before = cast.effects(invoice_id)
    cast.clock.advance(seconds=30)
    cast.settings(**settings)
    cast.plan_again()
    assert cast.effects(invoice_id) == before


def test_daylight_saving_between_zones(cast: Cast) -> None:
    """Between the American and the European change of clocks New York is five hours behind Paris, not six."""
    invoice_id = cast.invoice(due_on=date(2026, 3, 28))
    cast.settings(time_zone="America/New_York")
    cast.plan_again()
    assert cast.task(invoice_id)["scheduled_at"] == datetime(2026, 3, 28, 13, tzinfo=UTC)
    cast.settings(time_zone="Europe/Paris")
    cast.plan_again()
    assert cast.task(invoice_id)["scheduled_at"] == datetime(2026, 3, 28, 8, tzinfo=UTC)
