"""How a mail can end without being accepted, and the cleaning of what servers answer."""

import re
from typing import Literal

Kind = Literal["temporary", "refused", "operator", "unknown"]
FailureClass = Literal[Kind, "withdrawn"]
"""Why an attempt was not accepted, as its row says: the kind of a MailError, or Withdrawn."""

DETAIL_LENGTH = 500
_MASK = "***"
# Everything after the start of a link is cut: a server may wrap or re-encode the link that it echoes.
_LINK = re.compile(r"checkin\s*(?:/|%2f).*", re.IGNORECASE | re.DOTALL)
# A token is 43 base64url characters, and a line of a base64 body is longer. No useful word is that long.
_LONG_RUN = re.compile(r"[A-Za-z0-9+/_=-]{43,}")


def scrub(text: str) -> str:
    """One printable line of at most 500 characters, without links, tokens or encoded bodies."""
    text = _LINK.sub(f"checkin/{_MASK}", text)
    text = _LONG_RUN.sub(_MASK, text)
    text = "".join(character if character.isprintable() else " " for character in text)
    text = " ".join(text.split())
    return text if len(text) <= DETAIL_LENGTH else text[: DETAIL_LENGTH - 1] + "…"


class Withdrawn(Exception):  # noqa: N818  no error: the mail has nothing to say any more
    """The last word before a mail is handed over: it may not leave. `reason` says why, for people."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class MailError(Exception):
    """A mail that was not accepted, or may not have been.

    `kind` says what the worker does next:
    temporary: nothing was accepted, and the reason may be this mail's recipient or content: try again later;
    refused: this mail will never be accepted, the fault lies in its recipient or content;
    operator: nothing was accepted, and every other mail meets the same: no server, no network, credentials,
    quota or configuration;
    unknown: the message was handed over and no answer came, so it may be on its way.

    `detail` is for people: one line, at most 500 characters, cleaned by `scrub`.
    """

    def __init__(self, kind: Kind, detail: str) -> None:
        self.kind: Kind = kind
        self.detail = scrub(detail)
        super().__init__(self.kind, self.detail)

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}"
