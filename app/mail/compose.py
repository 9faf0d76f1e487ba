"""What every mail has in common: its template, its addresses and links, its headers.

The words stand in `templates/`, one file per kind and language, in which `subject` and each body are blocks.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address, BaseHeader
from email.message import EmailMessage
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import idna
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.mail.errors import Kind, MailError
from app.mail.headers import MAIL_POLICY
from app.mail.text import header_text, one_line

if TYPE_CHECKING:
    from app.core.settings import Settings

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    undefined=StrictUndefined,
    autoescape=False,  # noqa: S701 - plain text; there is no markup to escape
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)

# RFC 3834, 5: no vacation answers; the second header says the same to Exchange.
_NO_ANSWERS = {
    name: MAIL_POLICY.header_factory(name, value)
    for name, value in (
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "OOF, AutoReply"),
    )
}
# The headers of each body, made once: the email package would parse them several times for each mail, in a
# quarter of the time of composing one.
_TEXT = EmailMessage(policy=MAIL_POLICY)
_TEXT.set_content("", cte="8bit")
_KNOWN_ADDRESSES = 1024  # parsing one takes as long as the rest of a mail, and our own is in every mail

# RFC 5321, 4.5.3.1: 64 octets, "@", 255 octets. RFC 5322, 2.1.1: 998 octets a line.
ADDRESS_LENGTH = 320
_URL_LENGTH = 900


def render(template_name: str, values: Mapping[str, Any], body: str = "body") -> tuple[str, str]:
    """The subject, fit for a header, and the body: the blocks `subject` and `body` of a template."""
    template = _TEMPLATES.get_template(template_name)
    context = template.new_context(dict(values))
    subject, text = ("".join(template.blocks[block](context)) for block in ("subject", body))
    return header_text(subject), text


def compose(
    text: tuple[str, str], *, sender: Address, recipient: Address, message_id: str, **headers: Address | str
) -> EmailMessage:
    """The mail of a subject and a body as `render` gives them; `headers` are further ones, `_` for `-`.

    The body is 8bit, so that each URL stands alone on its line as it was given; quoted-printable would break
    a long line. For a server without 8BITMIME the SMTP driver writes it as base64.
    """
    subject, body = text
    message = EmailMessage(policy=MAIL_POLICY)
    message["From"] = _address_header("From", sender.display_name, sender.username, sender.domain)
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message["To"] = _address_header("To", recipient.display_name, recipient.username, recipient.domain)
    message["Subject"] = subject
    message["Date"] = datetime.now(UTC)
    message["Message-ID"] = message_id
    for name, header in (*_NO_ANSWERS.items(), *_TEXT.items()):
        message[name] = header
    message.set_payload(body.encode().decode("ascii", "surrogateescape"))  # as set_content keeps 8bit
    return message


@lru_cache(_KNOWN_ADDRESSES)
def _address_header(name: str, display_name: str, username: str, domain: str) -> BaseHeader:
    """A header of one address. Headers never change, so mails may share one."""
    header: BaseHeader = MAIL_POLICY.header_factory(name, Address(display_name, username, domain))
    return header


def from_us(settings: "Settings", name: str | None = None) -> Address:
    """The sender that MAIL_FROM_ADDRESS sets, under its own or another name. Raises MailError: operator."""
    return make_address(settings.mail_from_address, name or settings.mail_from_name, "operator")


@lru_cache(_KNOWN_ADDRESSES)
def make_address(address: str, name: str, kind: Kind) -> Address:
    """An address with its name. The domain is in ASCII (IDNA), so only a local part may need SMTPUTF8.

    Raises MailError of this kind for what is not exactly one address.
    """
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
    # If it was not taken whole, it holds a comment, a control character or a second address.
    whole = parsed is not None and parsed.addr_spec == stand_in
    if parsed is None or not whole or len(address) > ADDRESS_LENGTH or one_line(address) != address:
        raise MailError(kind, f"not an e-mail address: {address}")
    return Address(
        header_text(one_line(name)), username=parsed.username if local.isascii() else local, domain=domain
    )


def link(url: str) -> str:
    """The URL unchanged, if it stays on one line in every mail reader. Raises MailError: operator."""
    if not url.isascii() or not url.isprintable() or " " in url or len(url) > _URL_LENGTH:
        raise MailError("operator", "APP_URL does not make a link that can stand in a mail")
    return url
