"""The worker fills the calendars in use from the library."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from app.core.database import Database as Client
from tests.support.database import Database
from worker.calendar import fill_calendar, public_holidays

FILLED = "select calendar, count(*) as days from rubis.public_holiday group by calendar"


def fill(database: Database) -> None:
    """What a worker does when it starts."""

    async def call() -> None:
        async with Client(database.conninfo("rubis_worker")) as client:
            await fill_calendar(client)

    asyncio.run(call())


@contextmanager
def organization(database: Database, country: str, region: str | None = None) -> Iterator[None]:
    """Within, one organization has this calendar."""
    made = database.admin.value(
        "insert into rubis.organization (name, country, holiday_region) values ('Calendar', %s, %s)"
        " returning organization_id",
        [country, region],
    )
    try:
        yield
    finally:
        database.admin.execute(
            "update rubis.organization set country = 'FR', holiday_region = null where organization_id = %s",
            [made],
        )


def test_moselle_has_good_friday_and_france_has_not() -> None:
    """The library has the region's days; of what it does not know there are none."""
    assert {day.isoformat() for day in public_holidays("FR-57", 2026)} - {
        day.isoformat() for day in public_holidays("FR", 2026)
    } == {"2026-04-03", "2026-12-26"}
    assert public_holidays("ZZ", 2026) == public_holidays("FR-99", 2026) == {}


def test_the_calendars_in_use_are_filled(workshop: Database) -> None:
    """The region of an organization is filled, others are not, and a second look changes nothing."""
    with organization(workshop, "FR", "FR-57"):
        fill(workshop)
        days = {row["calendar"]: row["days"] for row in workshop.admin.rows(FILLED)}
        assert days["FR-57"] == days["FR"] + 2 * 4
        assert "FR-6AE" not in days
        fill(workshop)
        assert {row["calendar"]: row["days"] for row in workshop.admin.rows(FILLED)} == days


def test_a_year_that_the_library_lacks_is_left_until_it_comes(workshop: Database) -> None:
    """Bouvet Island has no holidays: this year and the last are known and empty, those ahead stay open."""
    with organization(workshop, "BV"):
        fill(workshop)
        years = workshop.admin.rows("select year from rubis.holiday_year where calendar = 'BV'")
        assert len(years) == 2
