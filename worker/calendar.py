"""Write public holidays from the library `holidays` into rows, so that SQL knows the working days."""

from datetime import date
from http import HTTPStatus

import holidays
import structlog

from app.core.database import Database
from app.core.errors import ApiError

log = structlog.get_logger(__name__)


async def fill_calendar(database: Database) -> None:
    """Write the years that the calendars in use lack. Raises ApiError if the database is away.

    A calendar that the library does not know, or has no day of in a year that has begun, has weekends only. A
    year ahead that the library does not have yet is left for a later look.
    """
    for missing in await database.call("worker.missing_holidays"):
        calendar, year = missing["calendar"], missing["year"]
        days = public_holidays(calendar, year)
        if not days and missing["ahead"]:
            continue
        if not days:
            log.warning("calendar_without_holidays", calendar=calendar, year=year)
        try:
            await database.call(
                "worker.put_holidays",
                calendar=calendar,
                year=year,
                holidays=[{"day": day.isoformat(), "name": name} for day, name in sorted(days.items())],
            )
        except ApiError as error:
            # One calendar that is refused keeps neither the others nor the ticks waiting.
            if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                raise
            log.warning("calendar_refused", calendar=calendar, year=year, detail=error.detail)


def public_holidays(calendar: str, year: int) -> dict[date, str]:
    """The public holidays of a country (`FR`) or region (`FR-57`); none if the library does not know it."""
    country, _, region = calendar.partition("-")
    try:
        return dict(holidays.country_holidays(country, subdiv=region or None, years=year))
    except NotImplementedError:
        return {}
