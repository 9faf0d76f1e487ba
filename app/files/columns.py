"""Which column of a table is which field of an invoice: by the headings, else by what the cells look like."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from app.files.cells import CellError, clean, decimal_mark, is_month_first, read_amount, read_day
from app.files.headings import currency_of, field_of, fold

_HEAD_ROWS = 15
"""Rows in which the headings are looked for: titles and addresses may stand above."""

_MOST = 0.8
"""The share of a column's cells that must look alike."""


@dataclass(frozen=True)
class Column:
    """One column: its letter, its heading, and the field that it was read as; None: it was left out."""

    letter: str
    heading: str | None
    field: str | None

    @property
    def label(self) -> str:
        """How it is named in a fault."""
        return f"{self.letter} ({self.heading[:190].strip()})" if self.heading else self.letter


def letter(index: int) -> str:
    """A, B, ..., Z, AA, ... as spreadsheets name columns; from 0."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def named(row: list[str]) -> int:
    """How many different fields the cells of a row name."""
    return len({found[0] for cell in row if (found := field_of(cell))})


def find_headings(rows: list[list[str]]) -> int | None:
    """The place of the row of headings; None if there is none."""
    best = max(range(min(len(rows), _HEAD_ROWS)), key=lambda place: named(rows[place]), default=None)
    if best is None or named(rows[best]) == 0:
        return None
    if named(rows[best]) == 1 and any(map(str.isdigit, "".join(rows[best]))):
        return None
    return best


def by_headings(headings: list[str], width: int) -> list[Column]:
    """The columns by their headings. Of two for one field, the more telling one, then the first."""
    found = [field_of(heading) for heading in headings]
    best: dict[str, int] = {}
    for place, match in enumerate(found):
        if match and (match[0] not in best or match[1] < found[best[match[0]]][1]):  # type: ignore[index]
            best[match[0]] = place
    taken = {place: field for field, place in best.items()}
    return [
        Column(
            letter(place), clean(headings[place]) or None if place < len(headings) else None, taken.get(place)
        )
        for place in range(width)
    ]


def by_content(rows: list[list[str]], width: int) -> list[Column]:
    """The columns by their cells. What looks like two fields is the one that fewer columns can be."""
    cells = [[clean(row[place]) for row in rows if place < len(row)] for place in range(width)]
    cells = [[cell for cell in column if cell] for column in cells]
    free = [place for place in range(width) if cells[place]]
    fields: dict[int, str] = {}

    def take(field: str, places: Sequence[int]) -> None:
        if places:
            fields[places[0]] = field
            free.remove(places[0])

    def like(test: Callable[[str], bool]) -> list[int]:
        return [place for place in free if sum(map(test, cells[place])) >= _MOST * len(cells[place])]

    take("client_email", like(lambda cell: "@" in cell and " " not in cell))
    take("currency", like(lambda cell: len(cell) <= len("EUR") and currency_of(cell) not in (None, "?")))
    days = like(_is_day)
    if len(days) > 1:
        month_first = is_month_first(cell for place in days for cell in cells[place])
        days.sort(key=lambda place: _middle_day(cells[place], month_first=month_first))
        take("due_on", days[-1:])
    take("issued_on", days[:1])
    amounts = like(_is_amount)
    telling = [place for place in amounts if any(_tells_amount(cell) for cell in cells[place])]
    take("amount_cents", sorted(telling or amounts[-1:], key=lambda place: -_sum(cells[place])))
    take("number", sorted(like(_is_number), key=lambda place: -len(set(cells[place])) / len(cells[place])))
    take("client_name", like(lambda cell: sum(map(str.isalpha, cell)) * 2 > len(cell)))
    return [Column(letter(place), None, fields.get(place)) for place in range(width)]


def _is_day(cell: str) -> bool:
    for month_first in (False, True):
        with suppress(CellError):
            read_day(cell, month_first=month_first)
            return True
    return False


def _middle_day(cells: list[str], *, month_first: bool) -> int:
    days = []
    for cell in cells:
        with suppress(CellError):
            days.append(read_day(cell, month_first=month_first).toordinal())
    return sorted(days)[len(days) // 2] if days else 0


def _is_amount(cell: str) -> bool:
    try:
        read_amount(cell)
    except CellError as error:
        return error.code != "amount_form"
    return True


def _tells_amount(cell: str) -> bool:
    """Whether it says that it is an amount: by decimals, or by a currency."""
    return currency_of(cell) is not None or decimal_mark([cell]) is not None


def _sum(cells: list[str]) -> int:
    total = 0
    for cell in cells:
        with suppress(CellError):
            total += read_amount(cell)[0]
    return total


def _is_number(cell: str) -> bool:
    """Whether it can be the number of an invoice: a word with a digit, short."""
    return any(map(str.isdigit, cell)) and len(cell.split()) <= 3 and len(cell) <= 40  # noqa: PLR2004


__all__ = ["Column", "by_content", "by_headings", "find_headings", "fold", "letter", "named"]
