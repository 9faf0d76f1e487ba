"""The words of pages: `texts/<language>/<area>.toml`, one file for each area of pages."""

import re
import tomllib
from functools import cache, lru_cache
from importlib.resources import files
from string import Formatter
from typing import Any

from markupsafe import Markup, escape

from app.core.text import Language


@cache
def load_texts(language: Language, area: str = "public") -> dict[str, Any]:
    """Read the words of one area in one language, with the spaces its typography asks for.

    `public` is what pages of links in mails say; `common` is what all pages of the app say.
    """
    source = files("app.web").joinpath("texts", language, f"{area}.toml").read_text(encoding="utf-8")
    texts = tomllib.loads(source)
    return _spaced(texts) if language == "fr" else texts


def say(text: str, /, **values: object) -> Markup:
    """Fill in one of our texts, which are HTML: `{client}` and the like. The values are escaped."""
    said = [part for before, name in _pieces(text) for part in (before, name and escape(values[name]))]
    return Markup("".join(said))  # noqa: S704 - the text is ours


def count(forms: dict[str, str], number: int, /, **values: object) -> Markup:
    """Fill in the form of a text that goes with a number: `none` (if there is one), `one` or `many`.

    `{n}` is the number. French has the singular for 0 too.
    """
    form = "none" if number == 0 and "none" in forms else "one" if number == 1 else "many"
    return say(forms[form], n=number, **values)


def isolated(text: str) -> Markup:
    """A name or address, escaped; one written from right to left does not reorder the words around it."""
    return Markup(f"<bdi>{escape(text)}</bdi>")  # noqa: S704 - escaped


@lru_cache(maxsize=10_000)
def _pieces(text: str) -> tuple[tuple[str, str], ...]:
    """Take a text apart once: what stands before each field, and the field's name, empty at the end.

    `Markup.format` would do so for each row of a page.
    """
    return tuple((before, name or "") for before, name, _, _ in Formatter().parse(text))


def _spaced(texts: dict[str, Any]) -> dict[str, Any]:
    """French texts with their unbreakable spaces; the keys stay as they are."""
    return {
        key: _spaced(text) if isinstance(text, dict) else _french_spaces(text) for key, text in texts.items()
    }


def _hyphens(found: re.Match[str]) -> str:
    return "\u2011t\u2011" if found[1] else "\u2011"


def _french_spaces(text: str) -> str:
    """Make spaces and hyphens unbreakable where French wants it, so that texts/ holds no invisible character.

    Spaces are narrow before `;`, `!`, `?`, full before `:` and inside guillemets (Imprimerie nationale), and
    between a number and its unit. A line does not end within "a-t-elle" or "avez-vous".
    """
    text = re.sub(r"(?<=\w)-(?:(t)-)?(?=(?:elles?|ils?|on|vous)\b)", _hyphens, text)
    text = re.sub(r" (?=[;!?])", "\u202f", text)
    text = re.sub(r" (?=[:»])|(?<=«) ", "\u00a0", text)
    return re.sub(r"(?<=\d) (?=h\b)", "\u00a0", text)
