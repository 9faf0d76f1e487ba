"""The `smtp` driver: it keeps sessions between mails, and says what a failed session means for its mail."""

import asyncio
import re
from typing import TYPE_CHECKING

import aiosmtplib
import structlog

from app.mail.drivers.smtp_session import Session, Stage
from app.mail.drivers.wire import LastWord, tls_failure
from app.mail.errors import Kind, MailError, Withdrawn
from app.mail.mail import Mail

if TYPE_CHECKING:
    from app.core.settings import Settings

log = structlog.get_logger(__name__)

# Less than the five minutes that servers wait for a command (RFC 5321, 4.5.3.2.7); many wait less.
_IDLE_SECONDS = 30
# Until the recipient is named, all mails say the same to the same server, so what fails there fails for all.
_OF_THE_MAIL = frozenset({Stage.RCPT, Stage.DATA, Stage.HANDED_OVER})
# RFC 4954, 6: authentication required, too weak, invalid, or encryption needed first. Never the mail's fault.
_AUTH_CODES = frozenset({530, 534, 535, 538})
# Servers refuse to relay at RCPT with the codes of an unknown user; only the words differ. If this counted as
# a refused mail, one wrong SMTP_HOST would end every check-in.
_RELAY = re.compile(r"\brelay", re.IGNORECASE)


class SmtpDriver:
    """Sends through SMTP_HOST (RFC 5321; RFC 3207 for STARTTLS, RFC 8314 for TLS from the start).

    A session whose mail was accepted or withdrawn is kept half a minute for the next one; any other is
    closed.
    """

    def __init__(self, settings: "Settings") -> None:
        self._settings = settings
        # Each with the timer that ends it; the last in the list was used last.
        self._idle: dict[Session, asyncio.TimerHandle] = {}

    async def send(self, mail: Mail, *, last_word: LastWord | None = None) -> None:
        """Accepted once the server answers 250 to the message's final dot.

        Raises MailError:
        temporary: 4xx, a time-out or a lost connection from the recipient on, before the message was handed
        over;
        refused: 5xx on the recipient or on the message, an address that needs SMTPUTF8 where that is not
        offered;
        operator: any failure before the recipient is named, since every mail meets it: no connection, no
        TLS, the greeting, EHLO, AUTH, the sender; 530/534/535/538 anywhere, a relay denied;
        unknown: the message was written out and no answer came.
        """
        session = self._take()
        failure: MailError | None = None
        try:
            async with asyncio.timeout(self._settings.mail_timeout_seconds):
                await session.send(mail, last_word)
        except (TimeoutError, OSError, ValueError, aiosmtplib.SMTPException) as error:
            failure = _classify(error, session.stage)
            # A session that ended with an answer gets a QUIT; a broken one is closed at once.
            session.leave(politely=isinstance(error, aiosmtplib.SMTPResponseException))
        except Withdrawn:
            self._keep(session)
            raise
        except BaseException:  # cancelled, or refused by us
            session.leave(politely=False)
            raise
        else:
            self._keep(session)
        # Raised outside the handler, so that the library's error, which quotes the server, is no context.
        if failure is not None:
            raise failure
        log.info("mail_accepted", key=mail.key, driver="smtp")

    async def aclose(self) -> None:
        """Leave the sessions that were kept, and wait until they are closed."""
        sessions = list(self._idle)
        for session in sessions:
            self._end(session)
        await asyncio.gather(*(session.closed() for session in sessions))

    def _take(self) -> Session:
        if not self._idle:
            return Session(self._settings)
        session, ending = self._idle.popitem()
        ending.cancel()
        return session

    def _keep(self, session: Session) -> None:
        if session.may_go_on:
            later = asyncio.get_running_loop().call_later(_IDLE_SECONDS, self._end, session)
            self._idle[session] = later
        else:
            session.leave(politely=True)

    def _end(self, session: Session) -> None:
        self._idle.pop(session).cancel()
        session.leave(politely=True)


async def try_smtp(settings: "Settings", seconds: float) -> str:
    """Open a session and leave it, without a mail; say what the server agreed to. Raises MailError."""
    session = Session(settings)
    failure: MailError | None = None
    try:
        async with asyncio.timeout(seconds):
            await session.open()
    except (TimeoutError, OSError, ValueError, aiosmtplib.SMTPException) as error:
        failure = _classify(error, session.stage)
    session.leave(politely=failure is None)
    await session.closed()
    if failure is not None:
        raise failure
    steps = {"none": "EHLO", "starttls": "EHLO and STARTTLS", "tls": "TLS and EHLO"}[settings.smtp_tls]
    login = f", and {settings.smtp_username} logs in" if settings.smtp_username else ""
    return f"{settings.smtp_host}:{settings.smtp_port} takes {steps}{login}"


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
        kind: Kind = "temporary" if stage in _OF_THE_MAIL else "operator"
        return MailError(kind, f"SMTP connection failed at {stage}: {words}")
    if isinstance(error, ValueError):
        # An address or a credential that fits in no command. Neither is quoted.
        return MailError(
            "refused" if stage is Stage.RCPT else "operator", f"cannot be said in SMTP at {stage}"
        )
    return MailError("operator", f"SMTP {stage}: {error}")  # an extension asked for and not offered


def _kind_of_answer(code: int, text: str, stage: Stage) -> Kind:
    if stage not in _OF_THE_MAIL or code in _AUTH_CODES:
        return "operator"
    if code in range(400, 500):
        return "temporary"
    if code not in range(500, 600):
        # The answer is not SMTP. Once the message is sent, its meaning is unknown.
        return "unknown" if stage is Stage.HANDED_OVER else "temporary"
    # The address itself may contain "relay".
    if stage is Stage.RCPT and _RELAY.search(re.sub(r"\S+@\S+", "", text)):
        return "operator"
    return "refused"


def _quote(error: aiosmtplib.SMTPResponseException, stage: Stage) -> str:
    """The server's answer; only its codes at AUTH, where a server might echo what it was sent."""
    text = error.message
    if stage is Stage.AUTH:
        text = "".join(re.findall(r"^[245]\.\d{1,3}\.\d{1,3}\b", text))
    return f"SMTP {error.code} at {stage}: {text}"
