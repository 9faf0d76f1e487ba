"""What drivers share: last word, envelope and bytes of a message, and how to recognise a failure of TLS."""

import ssl
from collections.abc import Awaitable, Callable
from copy import deepcopy
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage

from app.mail.errors import MailError

LastWord = Callable[[], Awaitable[EmailMessage]]
"""Asks what leaves instead of the draft, right before it does. Raises Withdrawn if nothing may leave."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """The addresses of RFC 5321's MAIL and RCPT, taken from From and To."""

    sender: str
    recipient: str
    utf8: bool
    """Whether an address shown is not ASCII: only a server with SMTPUTF8 (RFC 6531) takes such a mail."""

    @property
    def encoding(self) -> str:
        """Of the addresses in MAIL and RCPT."""
        return "utf-8" if self.utf8 else "ascii"


def envelope_of(message: EmailMessage) -> Envelope:
    """The envelope of a mail with one author and one recipient."""
    (sender,) = message["From"].addresses
    (recipient,) = message["To"].addresses
    shown = [sender, recipient, *(message["Reply-To"].addresses if message["Reply-To"] else ())]
    utf8 = not all(address.addr_spec.isascii() for address in shown)
    return Envelope(sender.addr_spec, recipient.addr_spec, utf8)


async def final_message(draft: EmailMessage, last_word: LastWord | None) -> EmailMessage:
    """The message that leaves: the draft itself if there is no last word to ask for.

    Raises what `last_word` raises, and MailError, temporary, if the message is for another envelope.
    """
    if last_word is None:
        return draft
    message = await last_word()
    if envelope_of(message) != envelope_of(draft):
        raise MailError("temporary", "an address changed while the mail was being sent")
    return message


def wire_bytes(message: EmailMessage, *, eight_bit: bool = True) -> bytes:
    """The message as it is transmitted, CRLF at each line's end.

    Without `eight_bit` (no 8BITMIME, RFC 6152) a text that needs it is written as base64: its lines stay
    whole, where quoted-printable would break long ones.
    """
    if not eight_bit and message["Content-Transfer-Encoding"] == "8bit":
        message = deepcopy(message)
        message.set_content(message.get_content(), cte="base64")
    return message.as_bytes(policy=policy.SMTPUTF8 if envelope_of(message).utf8 else policy.SMTP)


def tls_failure(error: BaseException | None) -> str | None:
    """Why TLS failed (certificate, protocol), if an error comes from that; None for any other error.

    A handshake that was cut short is another subclass of SSLError, and may succeed later.
    """
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"certificate: {error.verify_message}"
        if type(error) is ssl.SSLError:
            return error.reason or "failed"
        error = error.__cause__ or error.__context__
    return None
