"""Mails read as their recipient reads them, and the text an attacker would put into one."""

import re
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage

from hypothesis import strategies as st

from app.mail.drivers.wire import wire_bytes

HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
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


def parse(message: EmailMessage, *, eight_bit: bool) -> EmailMessage:
    """The message after a trip over the wire."""
    parsed = message_from_bytes(wire_bytes(message, eight_bit=eight_bit), policy=policy.SMTP)
    assert isinstance(parsed, EmailMessage)
    return parsed


def decoded(message: EmailMessage, name: str) -> str:
    """A header as RFC 2047 has it read; Python's newer parser keeps spaces of names to be dropped."""
    folded = message_from_bytes(wire_bytes(message))[name]
    return str(make_header(decode_header(re.sub(r"\r?\n(?=[ \t])", "", folded))))
