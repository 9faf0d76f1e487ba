"""What every mail has in common: its addresses, its links, its headers."""

import binascii
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from email.errors import MessageError
from email.headerregistry import Address, BaseHeader
from email.message import EmailMessage
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import idna
import structlog

from app.core.text import Language, long_moment
from app.mail.errors import Kind, MailError
from app.mail.headers import MAIL_POLICY
from app.mail.mail import Envelope, Mail
from app.mail.text import header_text, one_line
from app.mail.words import MailFormat, Words, render

if TYPE_CHECKING:
    from app.core.settings import Settings

log = structlog.get_logger(__name__)

# RFC 3834, 5: every mail of ours is written by a program on its own schedule, letters too, and none answers a
# message. So programs keep silent; persons may answer. The second header says the same to Exchange.
_NO_ANSWERS = {
    name: MAIL_POLICY.header_factory(name, value)
    for name, value in (
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "OOF, AutoReply"),
    )
}


def _made(**headers: str) -> list[tuple[str, BaseHeader]]:
    """Headers made once: the email package would parse them for each mail, in a quarter of its time."""
    return [
        (name.replace("_", "-"), MAIL_POLICY.header_factory(name.replace("_", "-"), value))
        for name, value in headers.items()
    ]


_VERSION = _made(MIME_Version="1.0")
_LANGUAGES = {language: _made(Content_Language=language) for language in ("fr", "en")}
# 8bit, so that each URL stands alone on its line as it was given; quoted-printable would break a long line.
_TEXT = _made(Content_Type='text/plain; charset="utf-8"', Content_Transfer_Encoding="8bit")
# A line of HTML has no natural end, and a name of 200 `&` fills 1,000 octets; its readers all decode.
_HYPERTEXT = _made(Content_Type='text/html; charset="utf-8"', Content_Transfer_Encoding="quoted-printable")
_KNOWN_ADDRESSES = 1024  # parsing one takes as long as the rest of a mail, and our own is in every mail

# RFC 5321, 4.5.3.1: 64 octets, "@", 255 octets. RFC 5322, 2.1.1: 998 octets a line.
ADDRESS_LENGTH = 320
_URL_LENGTH = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class UserMail:
    """What every mail to a user is told."""

    kind: str
    message_id: str
    to_address: str
    full_name: str
    organization_name: str
    locale: Language
    time_zone: str
    mail_format: MailFormat


def user_facts(begun: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a `UserMail`, from an element of `worker.begin_mails`."""
    return {name: begun[name] for name in UserMail.__slots__}


def render_for_user(mail: UserMail, values: Mapping[str, Any], *, settings: "Settings") -> Words:
    """The words of a mail to a user: besides `values`, the template is given who is greeted and by whom."""
    return render(
        mail.kind,
        mail.locale,
        mail.mail_format,
        {
            "full_name": one_line(mail.full_name),
            "organization_name": one_line(mail.organization_name),
            "sender_name": one_line(settings.mail_from_name),
            **values,
        },
    )


def compose_for_user(mail: UserMail, values: Mapping[str, Any], *, settings: "Settings") -> Mail:
    """The mail to a user. Raises MailError: refused for the user's address, operator for our own."""
    return compose(
        render_for_user(mail, values, settings=settings),
        kind=mail.kind,
        locale=mail.locale,
        sender=from_us(settings),
        recipient=make_address(mail.to_address, mail.full_name, "refused"),
        message_id=mail.message_id,
    )


def compose(
    words: Words,
    *,
    kind: str,
    locale: Language,
    sender: Address,
    recipient: Address,
    message_id: str,
    reply_to: Sequence[Address] = (),
    thread: Sequence[str] = (),
    copies: Sequence[str] = (),
) -> Mail:
    """The mail of these words.

    `thread` are the Message-IDs that it answers. `copies` are addresses that no header names; one that cannot
    be an address is left out and logged.
    """
    message = EmailMessage(policy=MAIL_POLICY)
    message["From"] = _address_header("From", sender.display_name, sender.username, sender.domain)
    if reply_to:
        message["Reply-To"] = reply_to
    if thread:
        message["In-Reply-To"] = message["References"] = " ".join(thread)
    message["To"] = _address_header("To", recipient.display_name, recipient.username, recipient.domain)
    message["Subject"] = words.subject
    message["Date"] = datetime.now(UTC)
    message["Message-ID"] = message_id
    for name, header in (*_LANGUAGES[locale], *_NO_ANSWERS.items(), *_VERSION):
        message[name] = header
    if words.html is None:
        _fill(message, _TEXT, words.text.encode())
    else:
        message["Content-Type"] = "multipart/alternative"
        message["Content-Transfer-Encoding"] = "8bit"
        message.set_payload(
            [
                _fill(EmailMessage(policy=MAIL_POLICY), _TEXT, words.text.encode()),
                _fill(EmailMessage(policy=MAIL_POLICY), _HYPERTEXT, binascii.b2a_qp(words.html.encode())),
            ]
        )
    shown = [address.addr_spec for address in (sender, recipient, *reply_to)]
    envelope = Envelope(
        sender=shown[0],
        recipient=shown[1],
        copies=tuple(_copies(copies, shown[1], message_id)) if copies else (),
        utf8=not "".join(shown).isascii(),
    )
    return Mail(kind=kind, message_id=message_id, envelope=envelope, message=message, **words._asdict())


def _fill(part: EmailMessage, headers: list[tuple[str, BaseHeader]], content: bytes) -> EmailMessage:
    for name, header in headers:
        part[name] = header
    part.set_payload(content.decode("ascii", "surrogateescape"))  # as set_content keeps 8bit
    return part


def _copies(addresses: Iterable[str], recipient: str, message_id: str) -> Iterable[str]:
    """The addresses that can be written to, each once, without the mail's own recipient."""
    known = {recipient}
    for address in addresses:
        try:
            copy = make_address(address, "", "refused").addr_spec
        except MailError as error:
            log.warning("mail_copy_left_out", key=message_id.strip("<>"), detail=error.detail)
            continue
        if copy not in known:
            known.add(copy)
            yield copy


def moment(at: str, mail: UserMail) -> str:
    """A moment in the organization's zone; in UTC if PostgreSQL knows that zone and this machine does not."""
    zone: tzinfo = UTC
    with suppress(ZoneInfoNotFoundError, ValueError, OSError):
        zone = ZoneInfo(mail.time_zone)
    return long_moment(datetime.fromisoformat(at).astimezone(zone), mail.locale)


def new_message_id(settings: "Settings") -> str:
    """A new, unique Message-ID in the domain that mails are sent from (RFC 5322, 3.6.4)."""
    return f"<{uuid.uuid4().hex}@{from_us(settings).domain}>"


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


def page_url(settings: "Settings", token: str) -> str:
    """Where the page of a question is, by the token of a mail about it. Raises as `link` does."""
    return link(f"{settings.public_url}/checkin/{token}")
