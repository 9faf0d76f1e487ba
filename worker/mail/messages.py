"""The mails themselves, as plain text. The words stand in `templates/`, one file per language."""

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING

import idna
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from worker.mail.errors import Kind, MailError
from worker.mail.headers import MAIL_POLICY
from worker.mail.text import Language, header_text, long_date, money, one_line

if TYPE_CHECKING:
    from app.settings import Settings

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    undefined=StrictUndefined,
    autoescape=False,  # noqa: S701 - plain text; there is no markup to escape
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


# RFC 5321, 4.5.3.1: 64 octets, "@", 255 octets. RFC 5322, 2.1.1: 998 octets a line.
_ADDRESS_LENGTH = 320
_URL_LENGTH = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckinMail:
    """What one check-in mail says. The URLs hold the plain token: a repr of this leaves them out."""

    to_address: str
    full_name: str
    organization_name: str
    locale: Language
    client_name: str
    number: str
    amount_cents: int
    currency: str
    issued_on: date
    due_on: date
    paid_url: str
    pending_url: str
    message_id: str

    def __repr__(self) -> str:
        return f"CheckinMail(message_id={self.message_id!r})"


def new_message_id(settings: "Settings") -> str:
    """A Message-ID no other mail has, in the domain mails are sent from (RFC 5322, 3.6.4)."""
    return f"<{uuid.uuid4().hex}@{_address(settings.mail_from_address, '', 'operator').domain}>"


def checkin_message(checkin: CheckinMail, *, settings: "Settings") -> EmailMessage:
    """The mail that asks a user whether an invoice was paid; it goes to the user, never to the client.

    The body is 8bit, so that each URL stands alone on its line as it was given; quoted-printable would break
    a long line. For a server without 8BITMIME the SMTP driver writes it as base64.

    Raises MailError: refused if the recipient's address cannot stand in a header, operator if the sender's or
    a link cannot.
    """
    template = _TEMPLATES.get_template(f"checkin.{checkin.locale}.txt")
    context = template.new_context(
        {
            "full_name": one_line(checkin.full_name),
            "organization_name": one_line(checkin.organization_name),
            "client_name": one_line(checkin.client_name),
            "number": one_line(checkin.number),
            "amount": money(checkin.amount_cents, one_line(checkin.currency), checkin.locale),
            "issued_on": long_date(checkin.issued_on, checkin.locale),
            "due_on": long_date(checkin.due_on, checkin.locale),
            "paid_url": _url(checkin.paid_url),
            "pending_url": _url(checkin.pending_url),
            "sender_name": one_line(settings.mail_from_name),
        }
    )
    subject = "".join(template.blocks["subject"](context))
    body = "".join(template.blocks["body"](context))

    message = EmailMessage(policy=MAIL_POLICY)
    message["From"] = _address(settings.mail_from_address, settings.mail_from_name, "operator")
    message["To"] = _address(checkin.to_address, checkin.full_name, "refused")
    message["Subject"] = header_text(subject)
    message["Date"] = datetime.now(UTC)
    message["Message-ID"] = checkin.message_id
    # RFC 3834, 5: no vacation answers; the second header says the same to Exchange.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(body, cte="8bit")
    return message


def _address(address: str, name: str, kind: Kind) -> Address:
    """An address with its name. The domain is in ASCII (IDNA), so only a local part may need SMTPUTF8."""
    local, _, domain = address.rpartition("@")
    stand_in, parsed = "", None
    try:
        if not domain.isascii():
            domain = idna.encode(domain, uts46=True).decode()
        # addr_spec is parsed strictly, but in ASCII only: a letter stands in for what RFC 6532 adds.
        stand_in = re.sub(r"[^\x00-\x7f]", "x", local) + "@" + domain
        parsed = Address(addr_spec=stand_in)
    except (ValueError, MessageError, IndexError):
        pass  # said below
    # What was not taken whole was a comment, a control character or a second address.
    whole = parsed is not None and parsed.addr_spec == stand_in and one_line(address) == address
    if parsed is None or not whole or len(address) > _ADDRESS_LENGTH:
        raise MailError(kind, f"not an e-mail address: {address}")
    return Address(
        header_text(one_line(name)), username=parsed.username if local.isascii() else local, domain=domain
    )


def _url(url: str) -> str:
    """The URL as it is, if it stays one line in every mail reader."""
    if not url.isascii() or not url.isprintable() or " " in url or len(url) > _URL_LENGTH:
        raise MailError("operator", "APP_URL does not make a link that can stand in a mail")
    return url
