"""Money, dates and rates as people write them, in mails and on pages."""

import re
from copy import copy
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

from babel import Locale
from babel.dates import format_date
from babel.numbers import get_currency_symbol

from app.core.codes import CURRENCY_DIGITS

Language = Literal["fr", "en"]

LINK = re.compile(r"@|://|[Ww]{3}\.")
"""What a mail program turns into a link; search for it in a text's normal form NFKC."""

# en_001 is English outside the United States: "31 March 2026", "US$12.00".
LOCALES: dict[Language, Locale] = {"fr": Locale.parse("fr_FR"), "en": Locale.parse("en_001")}


def money(amount_cents: int, currency: str, language: Language) -> str:
    """An amount in minor units (ISO 4217) as people write it: `1 200,00 €`, `€1,200.00`, `JP¥1,200`."""
    digits, pattern = _money_pattern(currency, language)
    formatted: str = pattern.apply(Decimal(amount_cents).scaleb(-digits), LOCALES[language])
    return formatted


@lru_cache(maxsize=1_000)
def _money_pattern(currency: str, language: Language) -> tuple[int, Any]:
    """The digits of a currency's minor unit, and Babel's pattern for its amounts with its symbol in place."""
    # Unicode's CLDR, and so Babel, has other digits for some (ALL, IQD, LBP ...): it is about what shops show
    # and not about what an amount means.
    digits = CURRENCY_DIGITS.get(currency, 2)
    locale = LOCALES[language]
    pattern = copy(locale.currency_formats["standard"])
    pattern.frac_prec = (digits, digits)
    symbol = get_currency_symbol(currency, locale)
    pattern.prefix = tuple(part.replace("¤", symbol) for part in pattern.prefix)
    pattern.suffix = tuple(part.replace("¤", symbol) for part in pattern.suffix)
    return digits, pattern


def long_date(day: date, language: Language) -> str:
    """A day in words: `1er mars 2026`, `1 March 2026`."""
    text = format_date(day, "long", locale=LOCALES[language])
    # French writes the first of a month as an ordinal; CLDR's pattern does not.
    return re.sub(r"^1 ", "1er ", text) if language == "fr" else text


def long_moment(at: datetime, language: Language) -> str:
    """A day and time with its zone: `31 mars 2026 à 9 h 05 (UTC)`, `31 March 2026 at 09:05 (UTC+02:00)`."""
    day, zone = long_date(at.date(), language), at.tzname() or "UTC"  # the database's sessions run in UTC
    if language == "fr":
        return f"{day} à {at.hour}\u00a0h\u00a0{at.minute:02} ({zone})"
    return f"{day} at {at:%H:%M} ({zone})"


def percent(rate: Decimal, language: Language) -> str:
    """A rate in per cent, of two decimals at most: `12,5 %`, `12.5%`."""
    locale = LOCALES[language]
    pattern = copy(locale.percent_formats[None])
    pattern.frac_prec = (0, 2)
    formatted: str = pattern.apply(rate / 100, locale)
    return formatted


def days(count: int, language: Language) -> str:
    """A number of days in words: `1 jour`, `12 days`."""
    if language == "fr":
        return f"{count} jour" if count in {0, 1} else f"{count} jours"
    return f"{count} day" if count == 1 else f"{count} days"
