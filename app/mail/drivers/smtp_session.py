"""A session with the SMTP server, in separate steps, so that a failure says how far the mail came."""

import asyncio
import contextlib
import re
import socket
import time
from enum import StrEnum
from typing import TYPE_CHECKING, cast

import aiosmtplib
import structlog
from aiosmtplib.protocol import SMTPProtocol

from app.mail.drivers.wire import LastWord, final_mail
from app.mail.errors import MailError, Withdrawn, scrub
from app.mail.mail import Mail

if TYPE_CHECKING:
    from app.core.settings import Settings

log = structlog.get_logger(__name__)

# Servers and their proxies count the mails of a session; 100 is a usual limit.
_MOST_MAILS = 100
# How long a server may take to answer MAIL on a kept session, or about a copy; after that a new session
# replaces it, without copies.
_PATIENCE_SECONDS = 5
# How old the last word may be when the server is ready for the message; then it is asked for again.
_WORD_SECONDS = 1
# What the last word may add to the draft; a server may refuse a message larger than the size it was told.
_GROWTH = 4096


class Stage(StrEnum):
    """How far a mail came (RFC 5321, 3.3). Only from HANDED_OVER on may the server have accepted it."""

    CONNECT = "connect"
    STARTTLS = "STARTTLS"
    AUTH = "AUTH"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    HANDED_OVER = "message"


class Session:
    """Sends one mail after another; `stage` is where the current one is, or ended."""

    def __init__(self, settings: "Settings") -> None:
        self.stage = Stage.CONNECT
        self._settings = settings
        self._client = self._new_client()
        self._left: SMTPProtocol | None = None
        self._mails = 0

    @property
    def may_go_on(self) -> bool:
        """Whether, after a mail that was accepted or withdrawn, it may take another."""
        return self._client.is_connected and self._mails < _MOST_MAILS

    async def send(self, mail: Mail, last_word: LastWord | None = None) -> None:
        """Run the session up to the server's answer to the message, which the last word may change.

        Raises what aiosmtplib and `last_word` raise. After an error other than Withdrawn the session cannot
        be used again.
        """
        self.stage = Stage.MAIL if self._mails else Stage.CONNECT
        if not (self._mails and await self._begin_again(mail)):
            await self.open()
            await self._begin(mail)
        try:
            await self._name(mail)
            await self._hand_over(mail, last_word)
        except Withdrawn:
            await self._take_back()
            raise
        finally:
            self._mails += 1

    def leave(self, *, politely: bool) -> None:
        """End the connection without the answer to QUIT: a slow one must not fail an accepted mail."""
        client = self._client
        self._left = client.protocol
        if client.protocol is not None and client.protocol.is_connected:
            if politely:
                client.protocol.write(b"QUIT\r\n")
            else:
                # close() would first wait for a peer that no longer reads.
                cast(asyncio.WriteTransport, client.transport).abort()
        client.close()

    async def closed(self) -> None:
        """Return once the connection that was left is closed: the end of TLS waits for the server.

        After some seconds it is dropped. aiosmtplib tells of the end by taking the transport away.
        """
        if self._left is None:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE_SECONDS):
                while self._left.transport is not None:  # noqa: ASYNC110  the library has no event
                    await asyncio.sleep(0.01)
        if self._left.transport is not None:
            cast(asyncio.WriteTransport, self._left.transport).abort()
            await asyncio.sleep(0)

    def _new_client(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self._settings.smtp_host,
            port=self._settings.smtp_port,
            use_tls=self._settings.smtp_tls == "tls",
            start_tls=False,
            local_hostname=_local_hostname(),
            timeout=None,
        )

    async def _begin_again(self, mail: Mail) -> bool:
        """Begin one more mail on a kept session; False if its server accepts no more on it.

        MAIL finds that out. After any answer but 250 this mail was not accepted, and a new session shows
        the reason.
        """
        politely = False
        try:
            if self._client.is_connected:
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    await self._begin(mail)
                    return True
        except aiosmtplib.SMTPResponseException:
            politely = True
        except (TimeoutError, OSError, aiosmtplib.SMTPException):
            pass
        self._replace(politely=politely)
        return False

    def _replace(self, *, politely: bool) -> None:
        """Leave the connection; the next one is new."""
        self.leave(politely=politely)
        self._client = self._new_client()
        self._mails = 0

    async def open(self) -> None:
        """Connect, greet, and do what SMTP_TLS and SMTP_USERNAME ask for. Raises what aiosmtplib raises."""
        client, settings = self._client, self._settings
        self.stage = Stage.CONNECT
        await client.connect()
        await self._greet()
        if settings.smtp_tls == "starttls":
            self.stage = Stage.STARTTLS
            await client.starttls()
            await self._greet()
        if settings.smtp_username is not None:
            self.stage = Stage.AUTH
            password = settings.smtp_password.get_secret_value() if settings.smtp_password is not None else ""
            await client.login(settings.smtp_username, password)

    async def _greet(self) -> None:
        try:
            await self._client.ehlo()
        except aiosmtplib.SMTPHeloError:
            if not self._client.is_connected:  # it was a 421
                raise
            await self._client.helo()

    async def _begin(self, mail: Mail) -> None:
        """Name the sender, and the most that the message will measure (RFC 1870)."""
        client = self._client
        self.stage = Stage.MAIL
        options = []
        if client.supports_extension("size"):
            options.append(f"SIZE={len(self._wire(mail)) + _GROWTH}")
        if client.supports_extension("8bitmime"):
            options.append("BODY=8BITMIME")
        utf8 = client.supports_extension("smtputf8")
        if mail.envelope.utf8 and not utf8:
            raise MailError("refused", "the address needs SMTPUTF8, which the server does not offer")
        if mail.envelope.utf8 or (utf8 and not "".join(mail.envelope.copies).isascii()):
            options.append("SMTPUTF8")
        await client.mail(mail.envelope.sender, options=options, encoding=self._encoding)

    @property
    def _encoding(self) -> str:
        """Of the addresses in MAIL and RCPT."""
        return "utf-8" if self._client.supports_extension("smtputf8") else "ascii"

    def _wire(self, mail: Mail) -> bytes:
        """The message as this server takes it."""
        return mail.wire(eight_bit=self._client.supports_extension("8bitmime"))

    async def _name(self, mail: Mail) -> None:
        """Name the recipient."""
        self.stage = Stage.RCPT
        await self._client.rcpt(mail.envelope.recipient, encoding=self._encoding)

    async def _name_copies(self, mail: Mail) -> None:
        """Name those who get a copy; a connection that ends over one is replaced, and none is named."""
        try:
            for address in mail.envelope.copies:
                await self._name_copy(mail, address)
        except (TimeoutError, OSError, aiosmtplib.SMTPException) as error:
            log.warning("mail_copies_left_out", key=mail.key, detail=type(error).__name__)
            self._replace(politely=False)
            await self.open()
            await self._begin(mail)
            await self._name(mail)

    async def _name_copy(self, mail: Mail, address: str) -> None:
        """Name who gets a copy; a refusal is logged."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._client.rcpt(address, encoding=self._encoding)
        except aiosmtplib.SMTPRecipientRefused as error:
            if not self._client.is_connected:  # it was a 421
                raise
            log.warning("mail_copy_refused", key=mail.key, detail=scrub(f"{error.code} {error.message}"))
        except UnicodeEncodeError:
            log.warning("mail_copy_refused", key=mail.key, detail="SMTPUTF8 is not offered")

    async def _hand_over(self, mail: Mail, last_word: LastWord | None) -> None:
        """Ask for the last word, name its copies and send that message."""
        final = await final_mail(mail, last_word)
        asked_at = time.monotonic()
        await self._name_copies(final)
        client = self._client

        # aiosmtplib's own data() raises the same error for a time-out before the message and after it, so the
        # two halves are played here: DATA and its 354, then the text and the answer that counts.
        self.stage = Stage.DATA
        go_ahead = await client.execute_command(b"DATA")
        if go_ahead.code != aiosmtplib.SMTPStatus.start_input or client.protocol is None:
            raise aiosmtplib.SMTPDataError(go_ahead.code, go_ahead.message)
        if time.monotonic() - asked_at > _WORD_SECONDS:
            final = await final_mail(mail, last_word)
        client.protocol.write(re.sub(rb"(?m)^\.", b"..", self._wire(final)) + b".\r\n")
        self.stage = Stage.HANDED_OVER
        answer = await client.protocol.read_response()
        if answer.code not in range(200, 300):
            raise aiosmtplib.SMTPDataError(answer.code, answer.message)

    async def _take_back(self) -> None:
        """End the mail in hand without its message: RSET before DATA, the end of the connection after it.

        A server that lost the connection before the final dot delivers nothing (RFC 5321, 4.1.1.4).
        """
        if self.stage is Stage.RCPT:
            with contextlib.suppress(TimeoutError, OSError, aiosmtplib.SMTPException):
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    await self._client.rset()
                return
        self.leave(politely=False)


def _local_hostname() -> str:
    """The name that we give in EHLO: the full host name, else an address literal (RFC 5321, 4.1.3).

    It does not ask DNS, which can hang.
    """
    host = socket.gethostname()
    return host if "." in host and host.isascii() else "[127.0.0.1]"
