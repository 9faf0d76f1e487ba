"""When a new invoice's check-in is asked."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.support.cast import ASKED_AT, NOW, Cast

MINUTE = timedelta(minutes=1)


def test_one_check_in_waits_on_the_due_date(cast: Cast) -> None:
    """A new invoice has exactly one check-in: at the organization's check-in time on its due date."""
    invoice_id = cast.invoice()
    (task,) = cast.rows("checkin_task", invoice_id)
    assert task["status"] == "scheduled"
    assert task["scheduled_at"] == ASKED_AT
    assert (cast.mails(invoice_id), task["end_reason"]) == ([], None)


@pytest.mark.parametrize("due_on", [date(2026, 3, 1), date(2026, 3, 2)])
def test_past_means_one_minute_from_now(cast: Cast, due_on: date) -> None:
    """An invoice that was due before it was entered, or this morning, is asked about in a minute."""
    assert cast.task(cast.invoice(due_on=due_on))["scheduled_at"] == NOW + MINUTE


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-1e-6, ASKED_AT),
        (0, ASKED_AT + MINUTE),
        (1e-6, ASKED_AT + timedelta(microseconds=1) + MINUTE),
    ],
)
def test_the_boundary_is_now(cast: Cast, seconds: float, expected: datetime) -> None:
    """A moment that is not in the future, now included, is passed; a microsecond ahead is not."""
    cast.clock.set(ASKED_AT + timedelta(seconds=seconds))
    assert cast.task(cast.invoice())["scheduled_at"] == expected


@pytest.mark.parametrize(
    ("time_zone", "checkin_time", "due_on", "expected"),
    [
        ("Europe/Paris", "09:00", date(2026, 3, 28), datetime(2026, 3, 28, 8, tzinfo=UTC)),
        ("Europe/Paris", "09:00", date(2026, 3, 29), datetime(2026, 3, 29, 7, tzinfo=UTC)),
        ("Europe/Paris", "09:00", date(2026, 10, 24), datetime(2026, 10, 24, 7, tzinfo=UTC)),
        ("Europe/Paris", "09:00", date(2026, 10, 25), datetime(2026, 10, 25, 8, tzinfo=UTC)),
        pytest.param(
            *("Europe/Paris", "02:30", date(2026, 3, 29), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
            id="in the hour that is skipped: 03:30 summer time",
        ),
        pytest.param(
            *("Europe/Paris", "02:30", date(2026, 10, 25), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
            id="in the hour that comes twice: the second",
        ),
        ("America/New_York", "09:00", date(2026, 3, 7), datetime(2026, 3, 7, 14, tzinfo=UTC)),
        ("America/New_York", "09:00", date(2026, 3, 8), datetime(2026, 3, 8, 13, tzinfo=UTC)),
        ("America/New_York", "02:30", date(2026, 3, 8), datetime(2026, 3, 8, 7, 30, tzinfo=UTC)),
        ("Asia/Kolkata", "09:00", date(2026, 3, 20), datetime(2026, 3, 20, 3, 30, tzinfo=UTC)),
        ("Australia/Lord_Howe", "09:00", date(2026, 4, 5), datetime(2026, 4, 4, 22, 30, tzinfo=UTC)),
        ("Pacific/Kiritimati", "00:00", date(2026, 3, 20), datetime(2026, 3, 19, 10, tzinfo=UTC)),
        ("UTC", "23:59:59", date(2028, 2, 29), datetime(2028, 2, 29, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_local_time_holds_through_daylight_saving(
    cast: Cast, time_zone: str, checkin_time: str, due_on: date, expected: datetime
) -> None:
    """The check-in comes at the local time of its organization, whatever the offset of that day."""
    cast.settings(time_zone=time_zone, checkin_time=checkin_time)
    assert cast.task(cast.invoice(due_on=due_on))["scheduled_at"] == expected


def test_the_due_date_is_the_organizations(cast: Cast) -> None:
    """It is still the day before in New York when it is tomorrow in Tokyo: each asks on its own due date."""
    cast.clock.set("2026-03-19 21:00 UTC")
    cast.settings(time_zone="Asia/Tokyo")
    assert cast.task(cast.invoice())["scheduled_at"] == datetime(2026, 3, 20, 0, tzinfo=UTC)
    cast.settings(time_zone="America/New_York")
    assert cast.task(cast.invoice())["scheduled_at"] == datetime(2026, 3, 20, 13, tzinfo=UTC)


def test_invoices_inserted_at_once_have_one_check_in_each(cast: Cast) -> None:
    """One INSERT of several invoices schedules a check-in and a relance for every one of them."""
    cast.dba(
        "insert into rubis.invoice (organization_id, client_id, number, issued_on, due_on, amount_cents)"
        " select %s, %s, 'B-' || n, '2026-03-01', date '2026-03-20' + n, 100"
        " from generate_series(1, 20) as n",
        cast.organization_id,
        cast.client(),
    )
    counted = cast.session.row(
        "select count(*) as tasks, count(distinct t.invoice_id) as invoices,"
        " count(distinct t.scheduled_at) as days,"
        " (select count(*) from rubis.relance as r where r.organization_id = %(id)s) as relances"
        " from rubis.checkin_task as t where t.organization_id = %(id)s",
        {"id": cast.organization_id},
    )
    assert counted == {"tasks": 20, "invoices": 20, "days": 20, "relances": 20}
