"""A mail: its envelope and its message, in one value that every driver takes."""

from base64 import encodebytes
from copy import deepcopy
from dataclasses import dataclass, field, replace
from email import policy
from email.message import EmailMessage

COPY_HEADER = "X-Copy-To"
"""Names an address that gets a copy, in the files of the `file` driver only."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """The addresses of RFC 5321's MAIL and RCPT."""

    sender: str
    recipient: str
    copies: tuple[str, ...] = ()
    """Further recipients, whom no header names. A copy that is refused never stops the mail."""
    utf8: bool = False
    """Whether an address in a header is not ASCII: then the server needs SMTPUTF8 (RFC 6531)."""

    def goes_with(self, other: "Envelope") -> bool:
        """Whether both may follow the same MAIL and RCPT. Copies are named later."""
        return replace(self, copies=()) == replace(other, copies=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail, ready to leave. Its texts hold plain tokens: a repr shows none of them."""

    kind: str
    message_id: str
    envelope: Envelope
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str | None = field(repr=False)
    message: EmailMessage = field(repr=False)
    _wires: dict[bool, bytes] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def key(self) -> str:
        """What names this mail and no other: its Message-ID without the brackets."""
        return self.message_id.strip("<>")

    def wire(self, *, eight_bit: bool = True) -> bytes:
        """The message as it is transmitted, CRLF at each line's end.

        Without `eight_bit` (no 8BITMIME, RFC 6152) a text that needs it is written as base64: its lines stay
        whole, where quoted-printable would break long ones.
        """
        if eight_bit not in self._wires:
            message = self.message if eight_bit else _seven_bit(self.message)
            written = message.as_bytes(policy=policy.SMTPUTF8 if self.envelope.utf8 else policy.SMTP)
            self._wires[eight_bit] = written
        return self._wires[eight_bit]


def _seven_bit(message: EmailMessage) -> EmailMessage:
    """The message in ASCII; itself if it is so already."""
    if message["Content-Transfer-Encoding"] != "8bit":
        return message
    message = deepcopy(message)
    plain = message.get_body(("plain",))
    assert isinstance(plain, EmailMessage)  # each mail has one
    # set_content would take Content-Language away with the other headers of the content.
    content = plain.get_content().replace("\n", "\r\n").encode()
    if message.is_multipart():
        del message["Content-Transfer-Encoding"]
    plain.replace_header("Content-Transfer-Encoding", "base64")
    plain.set_payload(encodebytes(content).decode())
    return message
