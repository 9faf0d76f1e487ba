"""Mails read as their recipient reads them, and the text an attacker would put into one."""

import re
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from html.parser import HTMLParser

from hypothesis import strategies as st

from app.mail.mail import Mail

HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Content-Language",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "Content-Type",
    "Content-Transfer-Encoding",
    "MIME-Version",
]

# Text of every kind, and the pieces an attacker would try: line ends of all sorts, headers, encoded words.
_LINE_ENDS = ["\r\n", "\n", "\r", "\x00", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"]
_MARKS = [
    "\u202e",
    "\u2066",
    "\ud800",
    "<a@b.c>",
    ",",
    ";",
    '"',
    "\\",
    "(",
    ")",
    ":",
    "@",
    " ",
    "\u00a0",
    ".",
]
_HEADERS = ["Bcc: x@evil.example", "=?utf-8?q?=0D=0ABcc=3A_x?=", "=?utf-8?b?DQpCY2M6IHhAeQ==?=", "=?", "?="]
_BODIES = [
    "https://evil.example/api/v1/checkin/x/paid",
    "-- ",
    "Oui, elle est payée :",
    "{{ paid_url }}",
    "{% raw %}",
]
_LONG = ["a" * 90, "é" * 90, "€", "🧁"]
_PIECES = st.sampled_from([*_LINE_ENDS, *_MARKS, *_HEADERS, *_BODIES, *_LONG])
HOSTILE = st.lists(_PIECES | st.text(max_size=12), max_size=8).map("".join)


# What the database takes: LINE_LENGTH characters. The longest in octets, in HTML, and without a space.
NAME = (
    HOSTILE.map(lambda text: text[:200])
    | st.text(max_size=200)
    | st.sampled_from(["&", "\u0645", "🧁", "W", '"']).map(lambda character: character * 200)
)


def parse(mail: Mail, *, eight_bit: bool = True) -> EmailMessage:
    """The message after a trip over the wire."""
    parsed = message_from_bytes(mail.wire(eight_bit=eight_bit), policy=policy.SMTP)
    assert isinstance(parsed, EmailMessage)
    return parsed


def content(message: EmailMessage, kind: str) -> str:
    """The part of this kind, plain or html, as it was written."""
    part = message.get_body((kind,))
    assert isinstance(part, EmailMessage)
    text: str = part.get_content()
    return text.replace("\r\n", "\n")


def decoded(mail: Mail, name: str) -> str:
    """A header as RFC 2047 has it read; Python's newer parser keeps spaces of names to be dropped."""
    folded = message_from_bytes(mail.wire())[name]
    return str(make_header(decode_header(re.sub(r"\r?\n(?=[ \t])", "", folded))))


class Hypertext(HTMLParser):
    """An HTML part, read: its elements in order, where its links lead, and what it says below its title."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.links: list[str] = []
        self.said = ""
        self._silent = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(f"{tag} {sorted(name for name, _ in attrs)}")
        self.links += [value or "" for name, value in attrs if name == "href"]
        self._silent += tag in _SILENT

    def handle_endtag(self, tag: str) -> None:
        self.elements.append(f"/{tag}")
        self._silent -= tag in _SILENT

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.said += data


_SILENT = {"title", "style", "h1"}


def links(text: str) -> list[str]:
    """The URLs that stand alone on a line."""
    return [line for line in text.splitlines() if re.fullmatch(r"https?://\S+", line)]
