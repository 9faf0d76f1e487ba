"""What drivers share: the last word on a mail, and how to recognise a failure of TLS."""

import ssl
from collections.abc import Awaitable, Callable

from app.mail.errors import MailError
from app.mail.mail import Mail

LastWord = Callable[[], Awaitable[Mail]]
"""Asks what leaves instead of the draft, right before it does. Raises Withdrawn if nothing may leave."""


async def final_mail(draft: Mail, last_word: LastWord | None) -> Mail:
    """The mail that leaves: the draft itself if there is no last word to ask for.

    Raises what `last_word` raises, and MailError, temporary, if the mail is for another envelope.
    """
    if last_word is None:
        return draft
    mail = await last_word()
    if not mail.envelope.goes_with(draft.envelope):
        raise MailError("temporary", "an address changed while the mail was being sent")
    return mail


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
