"""Mails to users that are no check-ins: proof of an address, what was late, receipt of an answer, advice."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.core.text import Language, long_moment, money
from app.mail.compose import compose, from_us, link, make_address, render
from app.mail.text import one_line

if TYPE_CHECKING:
    from app.core.settings import Settings

NAMED_INVOICES = 20
"""A late notice names as many invoices, and counts the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What one notice says. `link` holds a plain token: a repr of this leaves it out.

    By kind, `data` and `link`:
    verify_email: `{}`, the link that proves the address;
    late_notice: `{"began_at", "ended_at": ISO 8601, "invoices": [number, ...]}`, None;
    answer_receipt: `{"answered_at": ISO 8601, "answered_via": "link" or "page", "number", "client_name",
    "amount_cents", "currency"}`, the page that takes the answer back;
    click_mode_advice: `{}`, None.
    """

    kind: Literal["verify_email", "late_notice", "answer_receipt", "click_mode_advice"]
    data: dict[str, Any]
    to_address: str
    full_name: str
    organization_name: str
    locale: Language
    time_zone: str
    link: str | None
    message_id: str

    def __repr__(self) -> str:
        return f"Notice(kind={self.kind!r}, message_id={self.message_id!r})"


def notice_message(notice: Notice, *, settings: "Settings") -> EmailMessage:
    """The mail of a notice, to the user.

    Raises MailError: refused if the recipient's address cannot stand in a header, operator if the sender's or
    the link cannot.
    """
    text = render(
        f"{notice.kind}.{notice.locale}.txt",
        {
            "full_name": one_line(notice.full_name),
            "organization_name": one_line(notice.organization_name),
            "sender_name": one_line(settings.mail_from_name),
            **_facts(notice),
        },
    )
    return compose(
        text,
        sender=from_us(settings),
        recipient=make_address(notice.to_address, notice.full_name, "refused"),
        message_id=notice.message_id,
    )


def _facts(notice: Notice) -> dict[str, Any]:
    """What this notice says that others of its kind do not."""
    facts = {} if notice.link is None else {"link": link(notice.link)}
    match notice.kind:
        case "late_notice":
            return facts | _late(notice)
        case "answer_receipt":
            return facts | _answered(notice)
        case "verify_email" | "click_mode_advice":
            return facts


def _late(notice: Notice) -> dict[str, Any]:
    """From when to when, in the zone the times are given in, and which invoices."""
    numbers = notice.data["invoices"]
    return {
        "began_at": long_moment(datetime.fromisoformat(notice.data["began_at"]), notice.locale),
        "ended_at": long_moment(datetime.fromisoformat(notice.data["ended_at"]), notice.locale),
        "numbers": [one_line(number) for number in numbers[:NAMED_INVOICES]],
        "more": max(0, len(numbers) - NAMED_INVOICES),
    }


def _answered(notice: Notice) -> dict[str, Any]:
    """Which invoice was said to be paid, when in the organization's zone, and by what."""
    data = notice.data
    answered_at = datetime.fromisoformat(data["answered_at"])
    # PostgreSQL knows zones that this machine may not: then the moment stays in the zone it is given in.
    with suppress(ZoneInfoNotFoundError, ValueError, OSError):
        answered_at = answered_at.astimezone(ZoneInfo(notice.time_zone))
    return {
        "number": one_line(data["number"]),
        "client_name": one_line(data["client_name"]),
        "amount": money(data["amount_cents"], one_line(data["currency"]), notice.locale),
        "answered_at": long_moment(answered_at, notice.locale),
        "by_link": data["answered_via"] == "link",
    }
