"""Values made fit for a mail: one line, also in a header."""

import re
import textwrap
import unicodedata

LINE_LENGTH = 200
"""Characters of a line. RFC 5322, 2.1.1 allows 998 octets: 200 characters of 4, and a few words, fit."""

# Control characters, line and paragraph separators, lone surrogates: some mail readers end a line at them.
_BREAKING_CATEGORIES = frozenset({"Cc", "Zl", "Zp", "Cs"})
# Unicode's bidirectional controls (UAX 9), which can show a line in another order than it is written.
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def one_line(value: str) -> str:
    """The whole value as one line; controls, separators and bidi become spaces.

    It is as long as the value: the database keeps names and numbers to LINE_LENGTH.
    """
    return " ".join(unbroken(value).split())


def unbroken(value: str) -> str:
    """The value with a space for each control, separator and bidi; its other spaces stay as they are."""
    if value.isprintable():  # none of those is
        return value
    return "".join(
        " " if character in _BIDI or unicodedata.category(character) in _BREAKING_CATEGORIES else character
        for character in value
    )


def folded(text: str) -> str:
    """A text of several lines: one longer than LINE_LENGTH goes on in the next, folded between words.

    No word is lost or broken: the database refuses a longer one.
    """
    return "\n".join(
        textwrap.fill(one_line(line), LINE_LENGTH, break_long_words=False, break_on_hyphens=False)
        for line in text.split("\n")
    )


def header_text(line: str) -> str:
    """One line made fit for a mail header: what looks like an encoded word (RFC 2047) is broken up.

    The email package decodes such words even in a header that we write, line breaks in them included.
    """
    return re.sub(r"=(?=\?)", "= ", line)
