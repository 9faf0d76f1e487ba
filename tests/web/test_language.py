"""Which language a reader gets."""

import pytest

from app.web.language import negotiate


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "fr"),
        ("en", "en"),
        ("EN-gb", "en"),
        ("fr-CA, en;q=0.9", "fr"),
        ("en-GB,en;q=0.9,fr;q=0.8", "en"),
        ("fr;q=0.3, en;q=0.7", "en"),
        ("de, nl;q=0.5", "fr"),
        ("de, en;q=0.1", "en"),
        ("en;q=0", "fr"),
        ("fr;q=0, *", "en"),
        ("*", "fr"),
        ("*;q=0.5, fr;q=0.2", "en"),
        ("en, fr", "en"),
        ("fr, en", "fr"),
        ("en-US;q=0.2, en-GB;q=0.9, fr;q=0.5", "en"),
        ("en ; q = 0.8 , fr;q=0.1", "en"),
    ],
)
def test_the_best_of_our_two_languages_is_chosen(accepted: str, language: str) -> None:
    """The highest quality wins, the reader's order breaks a tie, 0 excludes, and French is the default."""
    assert negotiate(accepted) == language


@pytest.mark.parametrize(
    "garbled", ["en;q=2", "en;q=", "en;q=nan", "en;q=-1", "en;level=1", ";q=1", ",,;", "q=1", "\x00"]
)
def test_a_malformed_range_is_skipped(garbled: str) -> None:
    """A header we cannot read leaves the default, and the rest of it still counts."""
    assert negotiate(garbled) == "fr"
    assert negotiate(f"{garbled}, en;q=0.1, fr;q=0") == "en"


def test_the_readers_own_choice_beats_the_header() -> None:
    """`?lang=` wins if we speak it; else the header decides."""
    assert negotiate("fr", "en") == "en"
    assert negotiate("en", "fr") == "fr"
    assert negotiate("en", "de") == "en"
    assert negotiate("en", "") == "en"
