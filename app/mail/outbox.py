"""The mails that the `file` driver has written, as `rubis outbox` and `rubis demo` show them."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import HeaderParser
from itertools import islice
from pathlib import Path

from app.mail.mail import COPY_HEADER

_LINK = re.compile(r"^(https?://\S+/checkin/[^\s/]+(?:/(paid|pending))?)$", re.MULTILINE)
# RFC 2047. White space between two of them only folds the line, and belongs to neither.
_ENCODED_WORD = re.compile(r"=\?[^?\s]+\?[bq]\?[^?\s]*\?=", re.IGNORECASE)
_LOOKED_AT = 500
_FOLD = re.compile(r"(?<=\?=)\s+(?==\?)|\r?\n(?=[ \t])")


@dataclass(frozen=True)
class Mail:
    """One mail of the outbox. `name` is its file's, and sorts by the time it was written."""

    name: str
    sender: str
    to: str
    copies: list[str]
    reply_to: str
    subject: str
    date: str
    text: str

    @property
    def matters(self) -> list[dict[str, str]]:
        """The links of each question: paid, pending and page; of each receipt: page."""
        matters: list[dict[str, str]] = [{}]
        for url, answer in _LINK.findall(self.text):
            matters[-1][answer or "page"] = url
            if not answer:  # the page stands last
                matters.append({})
        return matters[:-1]

    @property
    def paid_url(self) -> str:
        """The link that answers paid. Raises ValueError or KeyError if this asks not exactly one question."""
        return self._only["paid"]

    @property
    def pending_url(self) -> str:
        """The link that answers pending. Raises as `paid_url` does."""
        return self._only["pending"]

    @property
    def page_url(self) -> str:
        """The page of the one question or receipt. Raises ValueError if there is another number of them."""
        return self._only["page"]

    @property
    def _only(self) -> dict[str, str]:
        (matter,) = self.matters
        return matter


def read_outbox(folder: Path) -> Iterator[Mail]:
    """All mails of the outbox, oldest first; none if the folder does not exist."""
    return map(_read, sorted(folder.glob("*.eml")))


def latest_mails(folder: Path, wanted: Callable[[Mail], bool], most: int) -> list[Mail]:
    """The latest wanted mails, newest first; so many at most, of the latest 500."""
    latest = map(_read, islice(sorted(folder.glob("*.eml"), reverse=True), _LOOKED_AT))
    return list(islice(filter(wanted, latest), most))


def _read(path: Path) -> Mail:
    content = path.read_bytes()
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    headers = HeaderParser().parsestr(content.decode(errors="replace"))
    body = message.get_body(("plain",))
    return Mail(
        name=path.name,
        sender=_read_header(headers["From"]),
        to=_read_header(headers["To"]),
        copies=message.get_all(COPY_HEADER, []),
        reply_to=_read_header(headers["Reply-To"] or ""),
        subject=_read_header(headers["Subject"]),
        date=str(message["Date"]),
        text="\n".join(str(body.get_content()).splitlines()) if body else "",
    )


def _read_header(value: str) -> str:
    """A header as its reader sees it. The email package leaves spaces where a long name was folded."""
    return _ENCODED_WORD.sub(lambda word: str(make_header(decode_header(word[0]))), _FOLD.sub("", value))
