"""The `smtp` driver: one connection per mail, each step on its own so that a failure says how far it came."""

import asyncio
import re
import socket
from email.message import EmailMessage
from enum import StrEnum
from typing import TYPE_CHECKING

import aiosmtplib
import structlog

from worker.mail.drivers.wire import envelope_of, tls_failure, wire_bytes
from worker.mail.errors import Kind, MailError

if TYPE_CHECKING:
    from app.settings import Settings

log = structlog.get_logger(__name__)


class Stage(StrEnum):
    """How far a mail came (RFC 5321, 3.3). Only from HANDED_OVER on may the server have accepted it."""

    CONNECT = "connect"
    STARTTLS = "STARTTLS"
    AUTH = "AUTH"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    HANDED_OVER = "message"


# RFC 4954, 6: authentication required, too weak, invalid, or encryption needed first. Never the mail's fault.
_AUTH_CODES = frozenset({530, 534, 535, 538})
# Servers refuse to relay at RCPT, with the codes of an unknown user; only the words tell. Taken for a
# refused mail, one wrong SMTP_HOST would end every check-in for good.
_RELAY = re.compile(r"\brelay", re.IGNORECASE)


class SmtpDriver:
    """Sends through SMTP_HOST (RFC 5321; RFC 3207 for STARTTLS, RFC 8314 for TLS from the start)."""

    def __init__(self, settings: "Settings") -> None:
        self._settings = settings
        # Not looked up in DNS, which can hang: a full name, else an address literal (RFC 5321, 4.1.3).
        host = socket.gethostname()
        self._local_hostname = host if "." in host and host.isascii() else "[127.0.0.1]"

    async def send(self, message: EmailMessage, *, key: str) -> None:
        """Accepted once the server answers 250 to the message's final dot.

        Raises MailError:
        temporary: no connection, a time-out or a lost connection before the message was handed over, any 4xx;
        refused: 5xx on the recipient or on the message, an address that needs SMTPUTF8 where that is not
        offered;
        operator: 5xx on greeting, EHLO, STARTTLS, AUTH or sender, 530/534/535/538 anywhere, an extension
        asked for and not offered, a certificate that does not verify, a relay denied;
        unknown: the message was written out and no answer came.
        """
        client = aiosmtplib.SMTP(
            hostname=self._settings.smtp_host,
            port=self._settings.smtp_port,
            use_tls=self._settings.smtp_tls == "tls",
            start_tls=False,
            local_hostname=self._local_hostname,
            timeout=None,
        )
        attempt = _Attempt(client, self._settings)
        failure: MailError | None = None
        try:
            async with asyncio.timeout(self._settings.mail_timeout_seconds):
                await attempt.run(message)
        except (TimeoutError, OSError, ValueError, aiosmtplib.SMTPException) as error:
            failure = _classify(error, attempt.stage)
            # A session that ended with an answer is closed in form; a broken one must not linger or say more.
            _leave(client, politely=isinstance(error, aiosmtplib.SMTPResponseException))
        except BaseException:  # cancelled, or refused by us
            _leave(client, politely=False)
            raise
        else:
            _leave(client, politely=True)
        # Raised outside the handler, so that the library's error, which quotes the server, is no context.
        if failure is not None:
            raise failure
        log.info("mail_accepted", key=key, driver="smtp")

    async def aclose(self) -> None:
        """Nothing is held open."""


class _Attempt:
    """One SMTP session; `stage` stands where it is, or where it ended."""

    def __init__(self, client: aiosmtplib.SMTP, settings: "Settings") -> None:
        self.stage = Stage.CONNECT
        self._client = client
        self._settings = settings

    async def run(self, message: EmailMessage) -> None:
        """Play the session up to the server's answer to the message. Raises what aiosmtplib raises."""
        client, settings = self._client, self._settings
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
        await self._transmit(message)

    async def _greet(self) -> None:
        try:
            await self._client.ehlo()
        except aiosmtplib.SMTPHeloError:
            if not self._client.is_connected:  # it was a 421
                raise
            await self._client.helo()

    async def _transmit(self, message: EmailMessage) -> None:
        client, envelope = self._client, envelope_of(message)
        eight_bit = client.supports_extension("8bitmime")
        content = wire_bytes(message, eight_bit=eight_bit)

        self.stage = Stage.MAIL
        options = [f"SIZE={len(content)}"] if client.supports_extension("size") else []
        if eight_bit:
            options.append("BODY=8BITMIME")
        if envelope.utf8:
            if not client.supports_extension("smtputf8"):
                raise MailError("refused", "the address needs SMTPUTF8, which the server does not offer")
            options.append("SMTPUTF8")
        encoding = "utf-8" if envelope.utf8 else "ascii"
        await client.mail(envelope.sender, options=options, encoding=encoding)

        self.stage = Stage.RCPT
        await client.rcpt(envelope.recipient, encoding=encoding)

        # aiosmtplib's own data() raises the same error for a time-out before the message and after it, so the
        # two halves are played here: DATA and its 354, then the text and the answer that counts.
        self.stage = Stage.DATA
        go_ahead = await client.execute_command(b"DATA")
        if go_ahead.code != aiosmtplib.SMTPStatus.start_input or client.protocol is None:
            raise aiosmtplib.SMTPDataError(go_ahead.code, go_ahead.message)
        client.protocol.write(re.sub(rb"(?m)^\.", b"..", content) + b".\r\n")
        self.stage = Stage.HANDED_OVER
        answer = await client.protocol.read_response()
        if answer.code not in range(200, 300):
            raise aiosmtplib.SMTPDataError(answer.code, answer.message)


def _leave(client: aiosmtplib.SMTP, *, politely: bool) -> None:
    """End the connection. QUIT's answer is not waited for: a slow goodbye must not fail an accepted mail."""
    if client.protocol is not None and client.protocol.is_connected:
        if politely:
            client.protocol.write(b"QUIT\r\n")
        elif isinstance(client.transport, asyncio.WriteTransport):
            client.transport.abort()  # close() would first wait for a peer that no longer reads
    client.close()


def _classify(error: Exception, stage: Stage) -> MailError:
    """What a failed session means for the mail, by how far it came."""
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return MailError(_kind_of_answer(error.code, error.message, stage), _quote(error, stage))
    if stage is Stage.HANDED_OVER:
        return MailError("unknown", f"no answer after the message was sent: {type(error).__name__}")
    tls = tls_failure(error)
    if tls is not None and stage in (Stage.CONNECT, Stage.STARTTLS):
        return MailError("operator", f"TLS with the SMTP server: {tls}")
    if isinstance(error, TimeoutError | OSError):
        cause = error.__cause__ or error
        words = getattr(cause, "strerror", None) or type(cause).__name__
        return MailError("temporary", f"SMTP connection failed at {stage}: {words}")
    if isinstance(error, ValueError):
        # An address or a credential that no command can hold; neither is quoted.
        return MailError(
            "refused" if stage is Stage.RCPT else "operator", f"cannot be said in SMTP at {stage}"
        )
    return MailError("operator", f"SMTP {stage}: {error}")  # an extension asked for and not offered


def _kind_of_answer(code: int, text: str, stage: Stage) -> Kind:
    if code in range(400, 500):
        return "temporary"
    if code not in range(500, 600):
        # Not SMTP. Once the message is out, what was meant cannot be known.
        return "unknown" if stage is Stage.HANDED_OVER else "temporary"
    if code in _AUTH_CODES or stage not in (Stage.RCPT, Stage.DATA, Stage.HANDED_OVER):
        return "operator"
    # The address may itself say relay@...
    if stage is Stage.RCPT and _RELAY.search(re.sub(r"\S+@\S+", "", text)):
        return "operator"
    return "refused"


def _quote(error: aiosmtplib.SMTPResponseException, stage: Stage) -> str:
    """The server's answer; only its codes at AUTH, where a server might echo what it was sent."""
    text = error.message
    if stage is Stage.AUTH:
        text = "".join(re.findall(r"^[245]\.\d{1,3}\.\d{1,3}\b", text))
    return f"SMTP {error.code} at {stage}: {text}"
