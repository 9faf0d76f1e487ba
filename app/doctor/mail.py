"""The way to the mail server, as far as it goes without a mail."""

import asyncio
import os

from app.core.settings import Settings
from app.doctor.findings import PATIENCE, Finding, judged
from app.mail.drivers import MailError
from app.mail.drivers.resend import try_resend
from app.mail.drivers.smtp import try_smtp

_REMEDIES = {
    "smtp": "Check SMTP_HOST, SMTP_PORT, SMTP_TLS, SMTP_USERNAME and SMTP_PASSWORD, and the way out to it",
    "resend": "Check RESEND_API_KEY, MAIL_FROM_ADDRESS, RESEND_URL, and the way out to it",
}


def look_at_mail(settings: Settings) -> Finding:
    """Write nothing, send nothing: the folder can be written, or the server takes us."""
    if settings.mail_driver == "file":
        folder = settings.outbox_dir.resolve()
        existing = next(path for path in (folder, *folder.parents) if path.exists())
        well = existing.is_dir() and os.access(existing, os.W_OK)
        remedy = f"{existing} cannot be written: set RUBIS_DATA_DIR"
        return judged("Mail", well=well, seen=f"files in {folder}", remedy=remedy)
    attempt = try_smtp if settings.mail_driver == "smtp" else try_resend
    try:
        seen = asyncio.run(attempt(settings, PATIENCE))
    except MailError as error:
        return Finding("Mail", "bad", error.detail, _REMEDIES[settings.mail_driver])
    return Finding("Mail", "ok", seen)
