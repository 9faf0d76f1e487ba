"""The text behind the bytes of a table, and its rows and cells."""

import codecs
import csv
from collections import Counter
from collections.abc import Callable

SEPARATORS = ("\t", ";", "|", ",")
"""The likeliest first: a comma stands inside many amounts and names."""

_SAMPLE = 50
"""Rows that decide about the separator."""

_NOT_TEXT = {b"PK\x03\x04": "spreadsheet", b"\xd0\xcf\x11\xe0": "spreadsheet", b"%PDF": "pdf"}


class TableRefusedError(Exception):
    """A table that cannot be read at all: a code for the words, and the number that they may name."""

    def __init__(self, code: str, number: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.number = number


def decode(content: bytes) -> str:
    """The text: by its byte order mark, else UTF-8, else what Western Windows writes (cp1252)."""
    for head, code in _NOT_TEXT.items():
        if content.startswith(head):
            raise TableRefusedError(code)
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    elif b"\0" in content:
        raise TableRefusedError("binary")
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise TableRefusedError("binary")


def split(text: str, headings: Callable[[list[str]], int]) -> list[list[str]]:
    """The rows, each a list of its cells without those that are empty at the end.

    Of the separators, the one by which a row of `headings` is seen, else the one by which most rows have the
    same number of cells, else the most cells. `headings` counts the cells of a row that name a column.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    first, _, rest = text.partition("\n")
    if first.lower().startswith("sep=") and len(first) == len("sep=;"):
        return [[], *_rows(rest, first[-1])]
    found = [(_merit(_rows(text, separator)[:_SAMPLE], headings), separator) for separator in SEPARATORS]
    return _rows(text, max(found, key=lambda pair: pair[0])[1])


def _merit(rows: list[list[str]], headings: Callable[[list[str]], int]) -> tuple[int, float, int]:
    """How well these rows hang together: columns that are named, share of even rows, cells of a row."""
    counts = Counter(len(row) for row in rows if row)
    if not counts:
        return 0, 0.0, 0
    cells, even = max(counts.items(), key=lambda pair: (pair[1], pair[0]))
    named = max(map(headings, rows), default=0)
    if cells == 1:
        return (named if named > 1 else 0), 0.0, 1
    return (named if named > 1 else 0), even / counts.total(), cells


def _rows(text: str, separator: str) -> list[list[str]]:
    """The rows by this separator. A quote that never ends is a character like any other."""
    lines = text.split("\n")
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
        try:
            rows = list(csv.reader((f"{line}\n" for line in lines), delimiter=separator, quoting=quoting))
        except csv.Error:
            continue
        if all(cell.count("\n") <= _LINES_IN_A_CELL for row in rows for cell in row):
            return [_trimmed(row) for row in rows]
    raise TableRefusedError("binary")


_LINES_IN_A_CELL = 20


def _trimmed(row: list[str]) -> list[str]:
    """The cells, with the empty ones at the end left off."""
    while row and not row[-1].strip():
        row = row[:-1]
    return row
