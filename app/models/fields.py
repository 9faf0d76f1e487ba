"""Types of fields, as strict as the columns, so that a bad value is named before a function is called."""

import re
import unicodedata
from contextlib import suppress
from datetime import date, time
from typing import Annotated, Any, Generic, Literal, TypeVar

from email_validator import EmailNotValidError, validate_email
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
)

from app.core.codes import COUNTRIES, CURRENCY_DIGITS
from app.core.text import LINK

Item = TypeVar("Item")

ID_MAX = 2**53 - 1
"""The largest whole number that every JSON reader keeps (RFC 8259, section 6). Ids are far below.

A larger bound becomes a fraction in the OpenAPI document, which is another number.
"""

# For the OpenAPI document: the rules of _one_line, _name, _lines, _date and _time.
_CONTROL = "\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029"
# What rubis.line does not count as something to see: the spaces and invisible characters of rubis.key.
_BLANK = (
    "\\u00a0\\u00ad\\u034f\\u061c\\u115f\\u1160\\u1680\\u17b4\\u17b5\\u180b-\\u180f\\u2000-\\u200f\\u202a-\\u202f"
    "\\u205f-\\u206f\\u2800\\u3000\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb"
)
_LINE_PATTERN = f"^[^{_CONTROL}]*[^{_CONTROL}\\s{_BLANK}][^{_CONTROL}]*$"
_NAME_PATTERN = f"^(?!.*(@|://|[Ww][Ww][Ww]\\.)){_LINE_PATTERN[1:]}"
_VISIBLE = re.compile(f"[^\\s{_BLANK}\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]")
_CHOICE = re.compile(r"\{([^{}|\n]*)\|([^{}|\n]*)\}")
_LINE_BREAK = re.compile(r"\r\n|[\r\u0085\u2028\u2029]")
_WORD_LENGTH = 200
_LINES_PATTERN = (
    f"^(?![\\s\\S]*[^ \\r\\n\\t]{{{_WORD_LENGTH + 1}}})"
    f"([^{_CONTROL}]|[\\r\\n\\t])*[^{_CONTROL}\\s]([^{_CONTROL}]|[\\r\\n\\t])*$"
)
_DATE_PATTERN = "^(19[7-9][0-9]|2[0-9]{3})-[0-9]{2}-[0-9]{2}$"
_VAT_PATTERN = "(?!FR)[A-Z]{2}[0-9A-Z+*]{2,13}|FR[0-9A-HJ-NP-Z]{2}[0-9]{9}"
_TIME_PATTERN = "^([01][0-9]|2[0-3]):[0-5][0-9]$"

_FIRST_DAY, _LAST_DAY = date(1970, 1, 1), date(2999, 12, 31)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"\d{2}:\d{2}", re.ASCII)


class Request(BaseModel):
    """A request's body: no conversions, no unknown fields."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Query(BaseModel):
    """A request's query string, which is text, so numbers are read from it; no unknown parameters."""

    model_config = ConfigDict(extra="forbid")


class Document(BaseModel):
    """What a stored function returns, as its JSON describes it."""


def omitted() -> Any:
    """The default of a field of a PATCH that may be left out, though null is not among its values."""
    return Field(default_factory=lambda: None)


def _one_line(text: str) -> str:
    if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in text):
        message = "must be one line of text, without control characters"
        raise ValueError(message)
    if text and not _VISIBLE.search(text):
        message = "must have a character that can be seen"
        raise ValueError(message)
    return text


def _name(text: str) -> str:
    """What mails name somebody or something by: nothing that a mail program turns into a link."""
    if LINK.search(unicodedata.normalize("NFKC", text)):
        message = "must not hold @, :// or www., which mail programs turn into links"
        raise ValueError(message)
    return text


def _line_feeds(text: Any) -> Any:
    """A text as it was pasted, each of its lines ended by a line feed and nothing before it."""
    if not isinstance(text, str):
        return text
    lines = _LINE_BREAK.sub("\n", text).replace("\t", " ").split("\n")
    return "\n".join(line.rstrip(" ") for line in lines)


def _lines(text: str) -> str:
    for line in text.split("\n"):
        if line.strip():
            _one_line(line)
        if any(len(word) > _WORD_LENGTH for word in line.split(" ")):
            message = f"must not have a word of more than {_WORD_LENGTH} characters"
            raise ValueError(message)
    return text


def _wording(text: str) -> str:
    """A part of a letter: it names no link as it stands, nor as it reads about one invoice or several."""
    for written in (text, _CHOICE.sub(r"\1", text), _CHOICE.sub(r"\2", text)):
        _name(written)
    return text


def _storable(text: str) -> str:
    if "\0" in text:
        message = "must not hold the character NUL"
        raise ValueError(message)
    return text


def _email(text: str) -> str:
    """The address in its normal form. No look-up in DNS; `.test`, which leads nowhere, is allowed."""
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        message = "must be an e-mail address"
        raise ValueError(message) from error


def _country(code: str) -> str:
    if code not in COUNTRIES:
        message = "must be a country's ISO 3166-1 code such as GR"
        raise ValueError(message)
    return code


def _currency(code: str) -> str:
    if code not in CURRENCY_DIGITS:
        message = "must be an active currency's ISO 4217 code such as EUR"
        raise ValueError(message)
    return code


def _siren(digits: str) -> str:
    """A SIREN whose last digit checks the others, by Luhn's rule."""
    doubled = "0246813579"
    if sum(int(doubled[int(d)] if place % 2 else d) for place, d in enumerate(digits)) % 10:
        message = "must be a SIREN: these nine digits are none, one is wrong or two are swapped"
        raise ValueError(message)
    return digits


def _vat_number(number: str) -> str:
    """A VAT number whose two digits, if it is a French one that has them, check its SIREN."""
    key, siren = number[2:4], number[4:]
    if number.startswith("FR") and key.isdigit() and int(f"{siren}12") % 97 != int(key):
        message = "must be a VAT number: its two digits after FR do not fit the SIREN"
        raise ValueError(message)
    return number


def _date(value: Any) -> Any:
    day = None
    if isinstance(value, str) and _DATE.fullmatch(value):
        with suppress(ValueError):
            day = date.fromisoformat(value)
    if day is None:
        message = "must be a date such as 2026-11-30"
        raise ValueError(message)
    if not _FIRST_DAY <= day <= _LAST_DAY:
        message = f"must be a date from {_FIRST_DAY} to {_LAST_DAY}"
        raise ValueError(message)
    return day


def _time(value: Any) -> Any:
    if isinstance(value, str) and _TIME.fullmatch(value):
        with suppress(ValueError):
            return time.fromisoformat(value)
    message = "must be a time of day such as 09:00"
    raise ValueError(message)


def _pattern(pattern: str, words: str) -> AfterValidator:
    """Refuse a text that is not of this pattern, in these words."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(words)
        return text

    return AfterValidator(check)


Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_one_line),
    Field(json_schema_extra={"pattern": _LINE_PATTERN}),
]
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_one_line),
    AfterValidator(_name),
    Field(json_schema_extra={"pattern": _NAME_PATTERN}),
]
Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=254),
    AfterValidator(_email),
    Field(json_schema_extra={"format": "email"}),
]
IsoDate = Annotated[
    date,
    BeforeValidator(_date, json_schema_input_type=date),
    Field(json_schema_extra={"pattern": _DATE_PATTERN}),
]
TimeOfDay = Annotated[
    time,
    BeforeValidator(_time, json_schema_input_type=str),
    PlainSerializer(lambda value: value.strftime("%H:%M"), return_type=str),
    Field(json_schema_extra={"pattern": _TIME_PATTERN}),
]
AmountCents = Annotated[int, Field(ge=1, le=10**12, description="In the minor unit of the currency.")]
Currency = Annotated[
    str,
    AfterValidator(_currency),
    Field(description="ISO 4217 code.", json_schema_extra={"enum": sorted(CURRENCY_DIGITS)}),
]
Locale = Literal["fr", "en"]
ClickMode = Literal["direct", "confirm"]
MailFormat = Literal["text", "both"]
Country = Annotated[
    str,
    AfterValidator(_country),
    Field(description="ISO 3166-1 code.", json_schema_extra={"enum": sorted(COUNTRIES)}),
]
Region = Annotated[
    str,
    _pattern("[A-Z]{2}-[A-Z0-9]{1,3}", "must be a region's ISO 3166-2 code such as FR-57"),
    Field(
        description="ISO 3166-2 code.",
        examples=["FR-57"],
        json_schema_extra={"pattern": "^[A-Z]{2}-[A-Z0-9]{1,3}$"},
    ),
]
Signature = Annotated[
    str,
    BeforeValidator(_line_feeds, json_schema_input_type=str),
    StringConstraints(strip_whitespace=True, min_length=1, max_length=1000),
    AfterValidator(_lines),
    Field(json_schema_extra={"pattern": _LINES_PATTERN}),
]
Wording = Annotated[
    str,
    BeforeValidator(_line_feeds, json_schema_input_type=str),
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2000),
    AfterValidator(_lines),
    AfterValidator(_wording),
    Field(json_schema_extra={"pattern": f"^(?![\\s\\S]*(@|://|[Ww][Ww][Ww]\\.)){_LINES_PATTERN[1:]}"}),
]
Rate = Annotated[
    float,
    Field(ge=0, le=100, description="Per cent, two decimals kept."),
    AfterValidator(lambda rate: round(rate, 2)),
]
TermsDays = Annotated[
    int, Field(ge=0, le=365, description="Days from an invoice's issue to its due date.", examples=[30])
]
Siren = Annotated[
    str,
    _pattern("[0-9]{9}", "must be a SIREN: nine digits, without spaces"),
    AfterValidator(_siren),
    Field(
        description="The number of a firm in France.",
        examples=["732829320"],
        json_schema_extra={"pattern": "^[0-9]{9}$"},
    ),
]
VatNumber = Annotated[
    str,
    _pattern(_VAT_PATTERN, "must be a VAT number such as FR44732829320, without spaces"),
    AfterValidator(_vat_number),
    Field(
        description="With the country's two letters, without spaces.",
        examples=["FR44732829320"],
        json_schema_extra={"pattern": f"^({_VAT_PATTERN})$"},
    ),
]
Id = Annotated[int, Field(ge=1, le=ID_MAX)]
SearchText = Annotated[str, StringConstraints(max_length=200), AfterValidator(_storable)]
Cursor = Annotated[
    str,
    _pattern("[A-Za-z0-9_=-]{1,100}", "must be the next_cursor of the page before"),
    Field(json_schema_extra={"pattern": "^[A-Za-z0-9_=-]{1,100}$"}),
]
Code = Annotated[
    str,
    _pattern("[a-z_]{1,40}", "must be a code such as amount_form"),
    Field(json_schema_extra={"pattern": "^[a-z_]{1,40}$"}),
]
Limit = Annotated[int, Field(ge=1, le=100)]


class Paging(Query):
    """Which page of a list."""

    limit: Limit = 50
    cursor: Cursor | None = Field(
        None, description="`next_cursor` of the page before; absent for the first page."
    )


class Page(Document, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    next_cursor: str | None = Field(description="Where the next page starts; null on the last one.")
