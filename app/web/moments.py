"""Days and moments as people say them: `demain, 9 h`, `12 days ago`, `lun. 7 déc.`."""

from datetime import date, datetime
from functools import lru_cache

from babel.dates import format_date, format_timedelta

from app.core.text import LOCALES, Language, long_date
from app.web.words import load_texts

_DAYS_COUNTED = 100
"""Up to so many days behind are counted, as a delay is; beyond, the date says more."""
_AHEAD = 7
"""Up to so many days ahead the day of the week says when."""


def day(when: date, today: date, language: Language) -> str:
    """A day as seen from today: near ones by name, those behind counted, those ahead by date."""
    away = (when - today).days
    if near := _near(away, language):
        return near
    if -_DAYS_COUNTED <= away < 0:
        said: str = format_timedelta(
            when - today, granularity="day", threshold=1_000, add_direction=True, locale=LOCALES[language]
        )
        return said
    return _short(when, today, language)


def moment(when: datetime, now: datetime, language: Language) -> str:
    """A moment as seen from now; both in the zone of the reader's organization."""
    away = (when.date() - now.date()).days
    said = _near(away, language) or _short(when.date(), now.date(), language)
    return f"{said}, {clock(when, language)}"


def full(when: datetime, language: Language) -> str:
    """A moment in full: `mardi 1er décembre 2026, 9 h`."""
    return f"{_full_day(when.date(), language)}, {clock(when, language)}"


def month(first: date, language: Language) -> str:
    """A month in words: `mars 2026`."""
    said: str = format_date(first, "MMMM y", locale=LOCALES[language])
    return said


def clock(when: datetime, language: Language) -> str:
    """A time of day: `9 h`, `9 h 05`; `09:00` in English."""
    if language == "en":
        return f"{when:%H:%M}"
    return f"{when.hour}\u00a0h" + (f"\u00a0{when.minute:02}" if when.minute else "")


def _near(away: int, language: Language) -> str | None:
    """A day that has a name of its own, by its distance from today."""
    name: str | None = load_texts(language, "common")["near"].get(str(away))
    return name


@lru_cache(maxsize=10_000)
def _full_day(day: date, language: Language) -> str:
    weekday = format_date(day, "EEEE", locale=LOCALES[language])
    return f"{weekday} {long_date(day, language)}"


@lru_cache(maxsize=10_000)
def _short(when: date, today: date, language: Language) -> str:
    """A date without what goes without saying: the weekday within a week ahead, the year in this one."""
    ahead = 0 < (when - today).days <= _AHEAD
    pattern = ("EEE d MMM" if ahead else "d MMM") + ("" if when.year == today.year or ahead else " y")
    said: str = format_date(when, pattern, locale=LOCALES[language])
    # French writes the first of a month as an ordinal.
    return said.replace("1 ", "1er ", 1) if language == "fr" and when.day == 1 else said
