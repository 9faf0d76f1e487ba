"""Values made fit for a mail: one line, money, dates."""

import re
import unicodedata
from copy import copy
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from babel import Locale
from babel.dates import format_date

Language = Literal["fr", "en"]

# en_001 is English outside the United States: "31 March 2026", "US$12.00".
LOCALES: dict[Language, Locale] = {"fr": Locale.parse("fr_FR"), "en": Locale.parse("en_001")}

# RFC 5322, 2.1.1 allows 998 octets a line; 200 characters of 4 octets, and the words around them, stay below.
VALUE_LENGTH = 200

# Digits after the point by ISO 4217 (list one), where they are not 2. Unicode's CLDR, and so Babel, has
# other numbers for some (ALL, IQD, LBP ...), being about what shops show and not about what an amount means.
_OTHER_DIGITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_MINOR_DIGITS = {code: digits for digits, codes in _OTHER_DIGITS.items() for code in codes.split()}

# Control characters, line and paragraph separators, lone surrogates: whatever ends a line somewhere.
_BREAKING_CATEGORIES = frozenset({"Cc", "Zl", "Zp", "Cs"})
# Unicode's bidirectional controls (UAX 9), which can show a line in another order than it is written.
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def one_line(value: str, length: int = VALUE_LENGTH) -> str:
    """The value as one line of at most `length` characters; controls, separators and bidi become spaces."""
    clean = value
    if not value.isprintable():  # none of those is
        clean = "".join(
            " "
            if character in _BIDI or unicodedata.category(character) in _BREAKING_CATEGORIES
            else character
            for character in value
        )
    clean = " ".join(clean.split())
    return clean if len(clean) <= length else clean[: length - 1].rstrip() + "…"


def header_text(line: str) -> str:
    """One line made fit for a mail header: what looks like an encoded word (RFC 2047) is broken up.

    The email package decodes such words even in a header that we write, line breaks in them included.
    """
    return re.sub(r"=(?=\?)", "= ", line)


def money(amount_cents: int, currency: str, language: Language) -> str:
    """An amount in minor units (ISO 4217) as people write it: `1 200,00 €`, `€1,200.00`, `JP¥1,200`."""
    digits = _MINOR_DIGITS.get(currency, 2)
    locale = LOCALES[language]
    pattern = copy(locale.currency_formats["standard"])
    pattern.frac_prec = (digits, digits)
    formatted: str = pattern.apply(
        Decimal(amount_cents).scaleb(-digits), locale, currency=currency, currency_digits=False
    )
    return formatted


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
