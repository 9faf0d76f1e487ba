"""Write public holidays from the library `holidays` into rows, so that SQL knows the working days."""

from datetime import date

import holidays
import structlog

from app.core.database import Database

log = structlog.get_logger(__name__)


async def fill_calendar(database: Database) -> None:
    """Write the years that the calendar lacks. Raises ApiError.

    For a country that the library does not know, only weekends are days off.
    """
    for missing in await database.call("worker.missing_holidays"):
        country, year = missing["country"], missing["year"]
        days: dict[date, str] = {}
        try:
            days = dict(holidays.country_holidays(country, years=year))
        except NotImplementedError:
            log.warning("country_without_holidays", country=country)
        await database.call(
            "worker.put_holidays",
            country=country,
            year=year,
            holidays=[{"day": day.isoformat(), "name": name} for day, name in sorted(days.items())],
        )
