"""Which of our two languages a reader gets."""

from collections.abc import Iterable, Iterator
from typing import get_args

from app.core.text import Language

LANGUAGES: tuple[Language, ...] = get_args(Language)
"""In the order we prefer: the first is the default."""


def negotiate(accept_language: str, chosen: str | None = None, default: Language = LANGUAGES[0]) -> Language:
    """Choose the language to answer in.

    `chosen` (`?lang=`) if we speak it, else the best by Accept-Language, else `default`.

    Accept-Language is read as RFC 9110 (12.5.4) has it: the highest quality wins, the reader's order breaks a
    tie, a quality of 0 excludes, `*` stands for every language not named, and a malformed range is skipped. A
    range matches by its primary subtag (`en-GB` is served English), as in the lookup of RFC 4647.
    """
    for language in LANGUAGES:
        if chosen == language:
            return language
    named: dict[str, tuple[float, int]] = {}
    for position, (primary, quality) in enumerate(_ranges(accept_language.split(","))):
        rank = (quality, -position)
        named[primary] = max(named.get(primary, rank), rank)
    refused = (0.0, 0)
    ranks = {language: named.get(language, named.get("*", refused)) for language in LANGUAGES}
    # max() keeps the first of equals, so the default wins a tie.
    best = max((default, other(default)), key=lambda language: ranks[language])
    return best if ranks[best][0] > 0 else default


def other(language: Language) -> Language:
    """Name the language to offer beside this one."""
    return "en" if language == "fr" else "fr"


def _ranges(items: Iterable[str]) -> Iterator[tuple[str, float]]:
    """Primary subtag and quality of each well-formed range."""
    for item in items:
        tag, _, parameter = (part.strip().lower() for part in item.partition(";"))
        quality = _quality(parameter)
        if tag and quality is not None:
            yield tag.partition("-")[0], quality


def _quality(parameter: str) -> float | None:
    """`q=0.8` as a number, 1 if absent; None if it is not a quality between 0 and 1."""
    if not parameter:
        return 1.0
    name, _, value = (part.strip() for part in parameter.partition("="))
    try:
        quality = float(value)
    except ValueError:
        return None
    return quality if name == "q" and 0 <= quality <= 1 else None
