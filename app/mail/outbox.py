"""The mails that the `file` driver has written, as `rubis outbox` and `rubis demo` show them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import HeaderParser
from pathlib import Path

_LINK = re.compile(r"^(https?://\S+/checkin/[^\s/]+(?:/(paid|pending))?)$", re.MULTILINE)
# RFC 2047. White space between two of them only folds the line, and belongs to neither.
_ENCODED_WORD = re.compile(r"=\?[^?\s]+\?[bq]\?[^?\s]*\?=", re.IGNORECASE)
_FOLD = re.compile(r"(?<=\?=)\s+(?==\?)|\r?\n(?=[ \t])")


@dataclass(frozen=True)
class Mail:
    """One mail of the outbox. `name` is its file's, and sorts by the time it was written."""

    name: str
    sender: str
    to: str
    reply_to: str
    subject: str
    date: str
    text: str

    @property
    def paid_url(self) -> str:
        """The link that answers paid. Raises KeyError if this is no check-in mail."""
        return self._links()["paid"]

    @property
    def pending_url(self) -> str:
        """The link that answers pending. Raises KeyError if this is no check-in mail."""
        return self._links()["pending"]

    @property
    def page_url(self) -> str:
        """The check-in's page. Raises KeyError if this is neither a check-in mail nor a receipt."""
        return self._links()[""]

    def _links(self) -> dict[str, str]:
        return {answer: url for url, answer in _LINK.findall(self.text)}


def read_outbox(folder: Path) -> Iterator[Mail]:
    """All mails of the outbox, oldest first; none if the folder does not exist."""
    for path in sorted(folder.glob("*.eml")):
        content = path.read_bytes()
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        headers = HeaderParser().parsestr(content.decode(errors="replace"))
        body = message.get_body(("plain",))
        yield Mail(
            name=path.name,
            sender=_read_header(headers["From"]),
            to=_read_header(headers["To"]),
            reply_to=_read_header(headers["Reply-To"] or ""),
            subject=_read_header(headers["Subject"]),
            date=str(message["Date"]),
            text="\n".join(str(body.get_content()).splitlines()) if body else "",
        )


def _read_header(value: str) -> str:
    """A header as its reader sees it. The email package leaves spaces where a long name was folded."""
    return _ENCODED_WORD.sub(lambda word: str(make_header(decode_header(word[0]))), _FOLD.sub("", value))
