"""Tables of invoices, from a CSV file or pasted from a spreadsheet, read into drafts.

Nothing is said in words here: what is wrong is a code, which a page says in its language.
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from app.files.cells import CellError, clean, decimal_mark, is_month_first, read_amount, read_day
from app.files.columns import Column, by_content, by_headings, find_headings, named
from app.files.dialect import TableRefusedError, decode, split
from app.files.headings import currency_of, fold
from app.models import fields as rules

MAX_BYTES = 1_000_000
MAX_ROWS = 500

_GUESSED = 2
"""Columns that must look like something in a table without headings; else it is any text."""

_TEXTS = ("number", "client_name")
_DAYS = ("issued_on", "due_on")
_RULES: dict[str, TypeAdapter[Any]] = {
    "number": TypeAdapter(rules.Name),
    "client_name": TypeAdapter(rules.Name),
    "client_email": TypeAdapter(rules.Email),
    "issued_on": TypeAdapter(rules.IsoDate),
    "due_on": TypeAdapter(rules.IsoDate),
    "amount_cents": TypeAdapter(rules.AmountCents),
    "currency": TypeAdapter(rules.Currency),
}
_REFUSED = {
    "number": "text_form",
    "client_name": "text_form",
    "client_email": "email_form",
    "issued_on": "date_range",
    "due_on": "date_range",
    "amount_cents": "amount_range",
    "currency": "currency_unknown",
}
"""The code of a value that has the form of its field but breaks its rule."""

_TOTALS = frozenset(
    ("total", "totaux", "sous total", "total general", "total ttc", "total ht", "grand total", "subtotal")
) | frozenset(("sub total", "somme", "sum", "totals", "solde total"))
_SETTLED = frozenset(
    ("paye", "payee", "paid", "regle", "reglee", "solde", "soldee", "acquitte", "acquittee", "encaisse")
) | frozenset(
    (
        "encaissee",
        "annule",
        "annulee",
        "cancelled",
        "canceled",
        "void",
        "voided",
        "settled",
        "closed",
        "cloturee",
    )
)
_UNPAID = frozenset(
    ("no", "non", "n", "false", "faux", "0", "impaye", "impayee", "unpaid", "en attente", "pending")
)


class Fault(NamedTuple):
    """A cell that could not be read: its row as the spreadsheet counts, its column, a code, its text."""

    row: int
    column: str
    code: str
    value: str | None


@dataclass(frozen=True)
class Table:
    """What a table brought: how its columns were read, and a draft for each row that says something.

    A draft is as `app.models.imports.ReadDraft` describes it.
    """

    columns: list[Column]
    drafts: list[dict[str, Any]]
    month_first: bool = False
    headings_row: int | None = None

    @property
    def faults(self) -> list[Fault]:
        """All that could not be read, row by row."""
        return [
            Fault(draft["source_row"], fault["column"], fault["code"], fault["text"])
            for draft in self.drafts
            for fault in draft["faults"]
        ]


def read_table(content: bytes | str) -> Table:
    """Read the bytes of a CSV file, or a text that was pasted.

    Raises TableRefusedError: `too_large`, `too_many_rows`, `empty`, `binary`, `spreadsheet`, `pdf`, or
    `no_columns` if nothing in it looks like an invoice.
    """
    if len(content) > MAX_BYTES:
        raise TableRefusedError("too_large", MAX_BYTES)
    text = decode(content) if isinstance(content, bytes) else content
    if "\0" in text:
        raise TableRefusedError("binary")
    rows = split(text.removeprefix("\ufeff"), named)
    if not any(letter.isalnum() for letter in text):
        raise TableRefusedError("empty")
    head = find_headings(rows)
    start = 0 if head is None else head + 1
    headings = [] if head is None else rows[head]
    body = [
        (place, row)
        for place, row in enumerate(rows[start:], start + 1)
        if any(map(clean, row)) and row != headings and not _is_total(row)
    ]
    if not body:
        raise TableRefusedError("empty")
    if len(body) > MAX_ROWS:
        raise TableRefusedError("too_many_rows", len(body))
    width = max(len(row) for row in (headings, *(row for _, row in body)))
    columns = by_content([row for _, row in body], width) if head is None else by_headings(headings, width)
    if sum(column.field in _RULES for column in columns) < (_GUESSED if head is None else 1):
        raise TableRefusedError("no_columns")
    reader = _Reader(columns, [row for _, row in body])
    drafts = [draft for place, row in body if (draft := reader.draft(place, row))]
    if not drafts:
        raise TableRefusedError("empty")
    return Table(columns, drafts, reader.month_first, None if head is None else head + 1)


def _is_total(row: list[str]) -> bool:
    """Whether it sums up the rows above."""
    first = next((fold(cell) for cell in row if cell.strip()), "")
    return first in _TOTALS


@dataclass
class _Reader:
    """Reads the rows of one table, with what its columns say as a whole."""

    columns: list[Column]
    rows: list[list[str]]
    places: dict[str, int] = field(init=False)
    month_first: bool = field(init=False)
    mark: str | None = field(init=False)
    currency: str | None = field(init=False)

    def __post_init__(self) -> None:
        self.places = {column.field: place for place, column in enumerate(self.columns) if column.field}
        self.month_first = is_month_first(text for name in _DAYS for text in self._column(name))
        self.mark = decimal_mark(self._column("amount_cents"))
        place = self.places.get("amount_cents")
        heading = None if place is None else self.columns[place].heading
        self.currency = currency_of(heading or "")

    def draft(self, row_number: int, row: list[str]) -> dict[str, Any] | None:
        """What a row says of an invoice; None if its columns that are known are empty."""
        values: dict[str, Any] = {}
        faults: list[dict[str, Any]] = []
        for name in ("number", "client_name", "client_email", "issued_on", "due_on"):
            if text := self._cell(row, name):
                try:
                    values[name] = _kept(name, self._read(name, text))
                except CellError as error:
                    faults.append(self._fault(name, error.code, text))
        faults += self._money(row, values)
        if not values and not faults:
            return None
        for name in ("status", "paid"):
            if (text := self._cell(row, name)) and _is_settled(name, text):
                faults.append(self._fault("amount_cents", "settled", text, at=name))
        return {**dict.fromkeys(_RULES), **values, "source_row": row_number, "faults": faults}

    def _read(self, name: str, text: str) -> Any:
        if name not in _DAYS:
            return text.removeprefix("mailto:") if name == "client_email" else text
        return read_day(text, month_first=self.month_first, serial=True).isoformat()

    def _money(self, row: list[str], values: dict[str, Any]) -> list[dict[str, Any]]:
        """Put the amount and its currency into the values; returns the faults of both.

        A currency beside the amount goes before one in it, and that before one in the heading.
        """
        faults = []
        beside, text = self._cell(row, "currency"), self._cell(row, "amount_cents")
        currency = currency_of(beside) if beside else None
        if beside and currency is None:
            faults.append(self._fault("currency", "currency_unknown", beside))
        if text:
            try:
                amount, inside = read_amount(text, currency=currency or self.currency, mark=self.mark)
                values["amount_cents"] = _kept("amount_cents", amount)
                if beside and inside and inside != currency and "?" not in (inside, currency):
                    faults.append(self._fault("currency", "currency_conflict", f"{text} / {beside}"))
                    return faults
                currency = currency or (None if beside else inside or self.currency)
            except CellError as error:
                faults.append(self._fault("amount_cents", error.code, text))
        if currency == "?":
            at = "currency" if beside else "amount_cents"
            faults.append(self._fault("currency", "currency_unclear", beside or text, at=at))
        elif currency:
            values["currency"] = _kept("currency", currency)
        return faults

    def _fault(self, name: str, code: str, text: str, *, at: str | None = None) -> dict[str, Any]:
        place = self.places[at or name]
        shown = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
        return {"field": name, "code": code, "text": shown, "column": self.columns[place].label}

    def _column(self, name: str) -> list[str]:
        return [cell for row in self.rows if (cell := self._cell(row, name))]

    def _cell(self, row: list[str], name: str) -> str:
        place = self.places.get(name)
        return "" if place is None or place >= len(row) else clean(row[place])


_SHOWN = 200


def _kept(name: str, value: Any) -> Any:
    """The value as the field takes it. Raises CellError if it breaks the field's rule."""
    try:
        return _RULES[name].dump_python(_RULES[name].validate_python(value), mode="json")
    except ValidationError:
        code = "too_long" if isinstance(value, str) and len(value) > _SHOWN else _REFUSED[name]
        raise CellError(code) from None


def _is_settled(column: str, text: str) -> bool:
    """Whether a row says that nothing is owed any more."""
    word = fold(text)
    return word not in _UNPAID and text not in _ZEROS if column == "paid" else word in _SETTLED


_ZEROS = frozenset(("0,00", "0.00", "0,00 €", "€0.00"))
