"""The check-in mail, as plain text."""

import uuid
from dataclasses import dataclass
from datetime import date
from email.message import EmailMessage
from typing import TYPE_CHECKING, Literal

from app.core.text import Language, long_date, money
from app.mail.compose import compose, from_us, link, make_address, render
from app.mail.text import one_line

if TYPE_CHECKING:
    from app.core.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckinMail:
    """What one check-in mail says. The URLs hold the plain token: a repr of this leaves them out."""

    to_address: str
    full_name: str
    organization_name: str
    locale: Language
    click_mode: Literal["direct", "confirm"]
    client_name: str
    number: str
    amount_cents: int
    currency: str
    issued_on: date
    due_on: date
    reminders: Literal["planned", "no_address", "excluded", "paused", "none"]
    """What an answer of pending leads to."""
    paid_url: str
    pending_url: str
    page_url: str
    message_id: str

    def __repr__(self) -> str:
        return f"CheckinMail(message_id={self.message_id!r})"


def new_message_id(settings: "Settings") -> str:
    """A new, unique Message-ID in the domain that mails are sent from (RFC 5322, 3.6.4)."""
    return f"<{uuid.uuid4().hex}@{from_us(settings).domain}>"


def checkin_message(checkin: CheckinMail, *, settings: "Settings") -> EmailMessage:
    """The mail that asks a user whether an invoice was paid; it goes to the user, never to the client.

    Raises MailError: refused if the recipient's address cannot stand in a header, operator if the sender's or
    a link cannot.
    """
    text = render(
        f"checkin.{checkin.locale}.txt",
        {
            "full_name": one_line(checkin.full_name),
            "organization_name": one_line(checkin.organization_name),
            "click_mode": checkin.click_mode,
            "client_name": one_line(checkin.client_name),
            "number": one_line(checkin.number),
            "amount": money(checkin.amount_cents, one_line(checkin.currency), checkin.locale),
            "issued_on": long_date(checkin.issued_on, checkin.locale),
            "due_on": long_date(checkin.due_on, checkin.locale),
            "reminders": checkin.reminders,
            "paid_url": link(checkin.paid_url),
            "pending_url": link(checkin.pending_url),
            "page_url": link(checkin.page_url),
            "sender_name": one_line(settings.mail_from_name),
        },
    )
    return compose(
        text,
        sender=from_us(settings),
        recipient=make_address(checkin.to_address, checkin.full_name, "refused"),
        message_id=checkin.message_id,
    )
