"""What one cell of a table says: a day, an amount, a currency.

Written here and not taken from a library: dateutil reads `12` and `May` as days of today's year, and Babel's
numbers need the language first, which a table does not say.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from babel import Locale
from babel.dates import get_month_names

from app.core.codes import CURRENCY_DIGITS
from app.files.headings import currency_of, fold

EMPTY = frozenset(("", "-", "--", "\u2013", "\u2014", "n/a", "#n/a", "null"))
"""What stands for nothing, in lower case."""


class CellError(Exception):
    """A cell that cannot be read: the code of the reason."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def clean(text: str) -> str:
    """A cell as one line: composed letters, one space for several of any kind, nothing hidden."""
    text = unicodedata.normalize("NFC", text)
    if formula := re.fullmatch(r'="(.*)"', text.strip(), re.DOTALL):
        text = formula[1]  # how some programs keep a spreadsheet from reading 0012 as 12
    text = "".join(
        " " if unicodedata.category(letter) in ("Cc", "Zl", "Zp", "Zs") else letter
        for letter in text
        if letter not in "\u200b\u200e\u200f\ufeff\u2060"
    )
    text = " ".join(text.split())
    return "" if text.lower() in EMPTY else text


# Days.

_MONTHS: dict[str, int] = {"sept": 9, "fev": 2, "juill": 7} | {
    fold(name): number
    for language in ("fr", "en")
    for width in ("wide", "abbreviated")
    for number, name in get_month_names(width, locale=Locale.parse(language)).items()
}
_CLOCK = r"(?:[ T]+\d{1,2}(?::|h)\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AaPp][Mm])?(?:Z|[+-]\d{2}:?\d{2})?)?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})([-/. ])(\d{{1,2}})\2(\d{{1,2}}){_CLOCK}", re.ASCII)
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})", re.ASCII)
_YEAR_LAST = re.compile(rf"(\d{{1,2}})([-/. ])(\d{{1,2}})\2(\d{{4}}|\d{{2}}){_CLOCK}", re.ASCII)
_DAY_NAMED = re.compile(
    r"(?:[^\W\d_]+\.?,? +)?(\d{1,2})(?:er|st|nd|rd|th|\.)?[ /.-]*(?:de |of )?"
    rf"([^\W\d_]+)\.?,?[ /.-]*(\d{{4}}|\d{{2}}){_CLOCK}"
)
_MONTH_NAMED = re.compile(
    rf"(?:[^\W\d_]+\.?, +)?([^\W\d_]+)\.?[ /.-]+(\d{{1,2}})(?:st|nd|rd|th)?,?[ /.-]+(\d{{4}}|\d{{2}}){_CLOCK}"
)
_SERIAL = re.compile(r"(\d{5})(?:[.,]\d+)?", re.ASCII)
_SERIALS = range(25569, 73051)
"""1970 to 2099, as spreadsheets count days."""


def is_month_first(texts: Iterable[str]) -> bool:
    """Whether days are written the American way: some cannot be day first, and none must be."""
    pairs = [(int(match[1]), int(match[3])) for text in texts if (match := _YEAR_LAST.fullmatch(clean(text)))]
    return any(second > _MONTHS_OF_A_YEAR for _, second in pairs) and not any(
        first > _MONTHS_OF_A_YEAR for first, _ in pairs
    )


_MONTHS_OF_A_YEAR = 12


def read_day(text: str, *, month_first: bool = False, serial: bool = False) -> date:
    """The day that a cell says; `serial`: also one that is a spreadsheet's bare number. Raises CellError."""
    if match := _YEAR_FIRST.fullmatch(text):
        return _day(match[1], match[3], match[4])
    if match := _COMPACT.fullmatch(text):
        return _day(match[1], match[2], match[3])
    if match := _YEAR_LAST.fullmatch(text):
        first, second = match[1], match[3]
        return _day(match[4], first, second) if month_first else _day(match[4], second, first)
    if match := _MONTH_NAMED.fullmatch(text):
        return _day(match[3], match[1], match[2])
    if match := _DAY_NAMED.fullmatch(text):
        return _day(match[3], match[2], match[1])
    if serial and (match := _SERIAL.fullmatch(text)) and int(match[1]) in _SERIALS:
        return date(1899, 12, 30) + timedelta(days=int(match[1]))
    raise CellError("date_form")


def _day(year: str, month: str, day: str) -> date:
    """A day from its parts; a month may be a name, and a year of two digits is from 1970 to 2069."""
    number = int(month) if month.isdigit() else _MONTHS.get(fold(month), 0)
    if number == 0 and not month.isdigit():
        raise CellError("date_form")
    century = 0 if len(year) > 2 else 1900 if int(year) >= 70 else 2000  # noqa: PLR2004
    try:
        return date(century + int(year), number, int(day))
    except ValueError:
        raise CellError("date_impossible") from None


# Amounts.

_NUMBER = re.compile(r"[0-9][0-9 .,]*|[.,][0-9]+")
_WORDS = frozenset(("ttc", "ht", "htva", "tvac", "incl", "excl", "vat", "tax", "net"))
_DOLLARS = frozenset(("us", "ca", "c", "au", "a", "nz", "hk"))
_MINUS = "\\u2212\\u2013\\u2014-"
_A_GROUP = 3


def decimal_mark(texts: Iterable[str]) -> str | None:
    """The sign before the decimals, where the amounts of a column leave no doubt: `,` or `.`; None if not."""
    marks = set()
    for text in texts:
        _, digits, _ = _parts(text)
        last = max(digits.rfind(","), digits.rfind("."))
        if last >= 0 and _is_decimal(digits, last, None):
            marks.add(digits[last])
    return marks.pop() if len(marks) == 1 else None


def read_amount(text: str, *, currency: str | None = None, mark: str | None = None) -> tuple[int, str | None]:
    """The amount of a cell in minor units, and the currency that stands in it: a code, `?` or None.

    `currency`: what the rest of the table says, for an amount that names none. `mark`: the decimal mark of
    its column. Raises CellError.
    """
    before, digits, after = _parts(text)
    named = currency_of(f"{before} {after}")
    if not digits or any(
        word not in _WORDS and word not in _DOLLARS and currency_of(word) is None
        for word in fold(f"{before} {after}").split()
    ):
        raise CellError("amount_form")
    if re.search(rf"[^\w\s€£$¥₹().+{_MINUS}]", before + after):
        raise CellError("amount_form")
    value = _value(digits, mark)
    if value == 0:
        raise CellError("amount_zero")
    if "(" in before or re.search(f"[{_MINUS}]", before + after):
        raise CellError("amount_negative")
    minor = value.scaleb(CURRENCY_DIGITS.get(named or currency or "", 2))
    if minor != minor.to_integral_value():
        raise CellError("amount_decimals")
    return int(minor), named


def _parts(text: str) -> tuple[str, str, str]:
    """What stands before the one number of an amount, the number, and what follows; no number: not one."""
    plain = re.sub("['\u2019`]", " ", clean(text))
    plain = re.sub(rf"[.,][{_MINUS}]+(?= |$)", "", plain)  # Swiss and German round amounts: 1'200.-
    numbers = list(_NUMBER.finditer(plain))
    if len(numbers) != 1:
        return plain, "", ""
    return plain[: numbers[0].start()], numbers[0][0].strip(), plain[numbers[0].end() :]


def _value(digits: str, mark: str | None) -> Decimal:
    """The number, its decimal mark found by what stands around it. Raises CellError."""
    last = max(digits.rfind(","), digits.rfind("."))
    whole, used, decimals = digits, "", ""
    if last >= 0 and _is_decimal(digits, last, mark):
        whole, used, decimals = digits[:last], digits[last], digits[last + 1 :]
    groups = re.split("[ .,]", whole)
    marks = set(re.findall("[ .,]", whole))
    even = len(groups[0]) in range(1, _A_GROUP + 1) and all(len(group) == _A_GROUP for group in groups[1:])
    if " " in decimals or (marks and (len(marks) > 1 or used in marks or not even)):
        raise CellError("amount_form")
    return Decimal(f"{''.join(groups) or '0'}.{decimals or '0'}")


def _is_decimal(digits: str, last: int, mark: str | None) -> bool:
    """Whether the last sign of a number stands before decimals, and not before thousands.

    One sign and three digits after it, as in 1.234, are thousands, unless the column says otherwise: in a
    currency with two decimals they can be nothing else.
    """
    head, sign, tail = digits[:last], digits[last], digits[last + 1 :]
    if sign in head:
        return False
    if re.search("[ .,]", head) or len(tail) != _A_GROUP or head.startswith("0"):
        return True
    return len(head) not in range(1, _A_GROUP + 1) or mark == sign
