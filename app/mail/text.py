"""Values made fit for a mail: one line, also in a header."""

import re
import unicodedata

# RFC 5322, 2.1.1 allows 998 octets a line; 200 characters of 4 octets, and the words around them, stay below.
VALUE_LENGTH = 200

# Control characters, line and paragraph separators, lone surrogates: some mail readers end a line at them.
_BREAKING_CATEGORIES = frozenset({"Cc", "Zl", "Zp", "Cs"})
# Unicode's bidirectional controls (UAX 9), which can show a line in another order than it is written.
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def one_line(value: str, length: int = VALUE_LENGTH) -> str:
    """The value as one line of at most `length` characters; controls, separators and bidi become spaces."""
    clean = value
    if not value.isprintable():  # none of those is
        clean = "".join(
            " "
            if character in _BIDI or unicodedata.category(character) in _BREAKING_CATEGORIES
            else character
            for character in value
        )
    clean = " ".join(clean.split())
    return clean if len(clean) <= length else clean[: length - 1].rstrip() + "…"


def header_text(line: str) -> str:
    """One line made fit for a mail header: what looks like an encoded word (RFC 2047) is broken up.

    The email package decodes such words even in a header that we write, line breaks in them included.
    """
    return re.sub(r"=(?=\?)", "= ", line)
