"""The drivers that send mail; MAIL_DRIVER chooses one."""

from typing import TYPE_CHECKING, Protocol

from app.mail.drivers.file import FileDriver
from app.mail.drivers.resend import ResendDriver
from app.mail.drivers.smtp import SmtpDriver
from app.mail.drivers.wire import LastWord
from app.mail.errors import Kind, MailError, Withdrawn
from app.mail.mail import Mail

if TYPE_CHECKING:
    from app.core.settings import Settings

__all__ = ["Driver", "Kind", "LastWord", "MailError", "Withdrawn", "make_driver"]


class Driver(Protocol):
    """Sends one mail at a time; safe to share between tasks of one event loop.

    Use it as `async with contextlib.aclosing(make_driver(settings)) as driver:`.
    """

    async def send(self, mail: Mail, *, last_word: LastWord | None = None) -> None:
        """Return once the mail is accepted, within `mail_timeout_seconds`.

        `last_word` is asked when the other side is ready to take the mail: what it returns leaves, to the
        same addresses. Every failure is a MailError, but for what `last_word` raises: then nothing left. A
        copy leaves with the mail or not at all; one that is refused is logged, and the mail leaves.
        """

    async def aclose(self) -> None:
        """Close pooled connections. The driver is not used after this."""


def make_driver(settings: "Settings") -> Driver:
    """The driver of MAIL_DRIVER. It asks no server yet."""
    match settings.mail_driver:
        case "file":
            return FileDriver(settings.outbox_dir)
        case "smtp":
            return SmtpDriver(settings)
        case "resend":
            return ResendDriver(settings)
