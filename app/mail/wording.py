"""What a letter says around its facts: in an organization's own words, or in ours.

A wording is text with fields and choices. `rubis.wording` is its rule, and lists the fields:

| written | read |
|---|---|
| `{number}` | the value of that field; of several invoices, all that it can name |
| `{it|them}` | the first about one invoice, the second about several |
| an empty line | the next paragraph |

Values are put in once: braces in a client's name are text. Ours stand in `templates/letter.<language>.toml`.
"""

import re
import textwrap
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from markupsafe import Markup, escape

from app.core.text import LINK, Language, days
from app.mail.text import LINE_LENGTH, one_line, unbroken

Tone = Literal["courteous", "firm", "formal_notice"]

_FOLDER = Path(__file__).parent / "templates"
_PLACE = re.compile(r"\{([^{}|\n]*)\|([^{}|\n]*)\}|\{(\w+)\}")


class Wording(NamedTuple):
    """The two parts of a letter that an organization may word: before the facts, and after them."""

    opening: str
    request: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of a mail: a template of plain text writes its text, one of HTML its markup."""

    text: str
    markup: Markup

    def __str__(self) -> str:
        return self.text

    def __html__(self) -> Markup:
        return self.markup


@cache
def usual_wording(tone: Tone, locale: Language) -> Wording:
    """Our words for a tone and language."""
    texts = tomllib.loads((_FOLDER / f"letter.{locale}.toml").read_text(encoding="utf-8"))
    return Wording(**texts[tone])


def field_values(
    invoices: Sequence[Mapping[str, Any]],
    totals: Sequence[str],
    *,
    client: str,
    organization: str,
    locale: Language,
) -> dict[str, str]:
    """What each field of a letter about these invoices stands for, the oldest first."""
    oldest = invoices[0]
    return {
        "client": one_line(client),
        "organization": one_line(organization),
        "number": _listed([invoice["number"] for invoice in invoices], locale),
        "amount": _listed(totals or [oldest["amount"]], locale),
        "due_on": oldest["due_on"],
        "days_late": days(oldest["days_late"], locale),
    }


def fill(wording: str, values: Mapping[str, str], *, several: bool) -> list[Paragraph]:
    """The paragraphs of a wording with these values, each one line: in lines that any mail may hold."""
    blocks = re.split(r"\n[ \n]*\n", wording.strip("\n "))
    return [_paragraph(block.split("\n"), values, several=several) for block in blocks if block]


def _paragraph(lines: Sequence[str], values: Mapping[str, str], *, several: bool) -> Paragraph:
    filled = [_filled(line, values, several=several) for line in lines]
    return Paragraph(
        "\n".join(
            textwrap.fill("".join(text for text, _ in pieces), LINE_LENGTH, break_on_hyphens=False)
            for pieces in filled
        ),
        Markup("<br>\n").join(
            # A value written from right to left does not reorder the words around it.
            Markup().join(
                Markup("<bdi>{}</bdi>").format(text) if is_value else escape(text)
                for text, is_value in pieces
            )
            for pieces in filled
        ),
    )


def _filled(line: str, values: Mapping[str, str], *, several: bool) -> list[tuple[str, bool]]:
    """The pieces of a line, and whether each is a value. Spaces part those that would make a link."""
    pieces: list[tuple[str, bool]] = [("", False)]
    end = 0
    for place in _PLACE.finditer(line):
        text = line[end : place.start()]
        end = place.end()
        if place[3] is None:
            text += place[2] if several else place[1]
        pieces[-1] = (pieces[-1][0] + unbroken(text), False)
        if place[3] is not None:
            pieces += [(values[place[3]], True), ("", False)]
    pieces[-1] = (pieces[-1][0] + unbroken(line[end:]), False)
    if LINK.search(unicodedata.normalize("NFKC", "".join(text for text, _ in pieces))):
        pieces = [(f" {text} " if is_value else text, is_value) for text, is_value in pieces]
    return pieces


def _listed(names: Sequence[str], locale: Language) -> str:
    """Names as a sentence lists them: `a, b et c`."""
    *most, last = names
    return f"{', '.join(most)} {'et' if locale == 'fr' else 'and'} {last}" if most else last
