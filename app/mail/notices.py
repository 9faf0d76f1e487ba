"""Mails to users that ask no question: proof of an address, what was late, receipt of an answer, advice.

`NOTICES` is the list of their kinds: the worker's links, the metrics and the templates follow it.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any, NamedTuple
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
    """What one notice says. `kind` is a key of `NOTICES`. `link` holds a plain token: a repr leaves it out.

    By kind, `data` and `link`:
    verify_email: `{}`, the page that proves the address;
    late_notice: `{"began_at", "ended_at": ISO 8601, "invoices": [number, ...]}`, None;
    answer_receipt: `{"answered_at": ISO 8601, "answered_via": "link" or "page", "number", "client_name",
    "amount_cents", "currency"}`, the page that takes the answer back;
    said_paid: the same with `said_at` instead of the answer's two, the page whose buttons decide;
    click_mode_advice: `{}`, None.
    """

    kind: str
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
            **({} if notice.link is None else {"link": link(notice.link)}),
            **NOTICES[notice.kind].facts(notice),
        },
    )
    return compose(
        text,
        sender=from_us(settings),
        recipient=make_address(notice.to_address, notice.full_name, "refused"),
        message_id=notice.message_id,
    )


def _no_facts(_: Notice) -> dict[str, Any]:
    """A notice of this kind says the same to every user."""
    return {}


def _late(notice: Notice) -> dict[str, Any]:
    """From when to when, and which invoices."""
    numbers = notice.data["invoices"]
    return {
        "began_at": _local(notice.data["began_at"], notice),
        "ended_at": _local(notice.data["ended_at"], notice),
        "numbers": [one_line(number) for number in numbers[:NAMED_INVOICES]],
        "more": max(0, len(numbers) - NAMED_INVOICES),
    }


def _invoice(notice: Notice) -> dict[str, Any]:
    """Which invoice it is about."""
    data = notice.data
    return {
        "number": one_line(data["number"]),
        "client_name": one_line(data["client_name"]),
        "amount": money(data["amount_cents"], one_line(data["currency"]), notice.locale),
    }


def _said(notice: Notice) -> dict[str, Any]:
    """Which invoice somebody clicked paid for, and when."""
    return {**_invoice(notice), "said_at": _local(notice.data["said_at"], notice)}


def _answered(notice: Notice) -> dict[str, Any]:
    """Which invoice was said to be paid, when, and by what."""
    data = notice.data
    return {
        **_invoice(notice),
        "answered_at": _local(data["answered_at"], notice),
        "by_link": data["answered_via"] == "link",
    }


def _local(at: str, notice: Notice) -> str:
    """A moment in the organization's zone; in UTC if PostgreSQL knows that zone and this machine does not."""
    zone: tzinfo = UTC
    with suppress(ZoneInfoNotFoundError, ValueError, OSError):
        zone = ZoneInfo(notice.time_zone)
    return long_moment(datetime.fromisoformat(at).astimezone(zone), notice.locale)


class _Kind(NamedTuple):
    """What sets one kind of notice apart; its words are `templates/<kind>.<language>.txt`."""

    facts: Callable[[Notice], dict[str, Any]]
    """What its template is given beside names and link."""
    link_path: str | None = None
    """Where its link leads, below APP_URL and before the token; None: it has no link."""


NOTICES = {
    "verify_email": _Kind(_no_facts, "api/v1/verify-email"),
    "late_notice": _Kind(_late),
    "answer_receipt": _Kind(_answered, "checkin"),
    "said_paid": _Kind(_said, "checkin"),
    "click_mode_advice": _Kind(_no_facts),
}
"""The kinds of notice, as the domain `rubis.user_mail_kind` lists them."""
