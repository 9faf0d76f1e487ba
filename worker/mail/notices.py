"""Mails to users that are no check-ins: the proof of an address, the notice of what was late."""

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any, Literal

from worker.mail.compose import compose, from_us, link, make_address, render
from worker.mail.text import Language, long_moment, one_line

if TYPE_CHECKING:
    from app.settings import Settings

NAMED_INVOICES = 20
"""A late notice names as many invoices, and counts the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What one notice says. `link` holds a plain token: a repr of this leaves it out.

    `data` is `{}` for `verify_email`; for `late_notice` it is `{"began_at", "ended_at": ISO 8601, "invoices":
    [number, ...]}`, and the link is not shown.
    """

    kind: Literal["verify_email", "late_notice"]
    data: dict[str, Any]
    to_address: str
    full_name: str
    organization_name: str
    locale: Language
    link: str
    message_id: str

    def __repr__(self) -> str:
        return f"Notice(kind={self.kind!r}, message_id={self.message_id!r})"


def notice_message(notice: Notice, *, settings: "Settings") -> EmailMessage:
    """The mail of a notice, to the user.

    Raises MailError: refused if the recipient's address cannot stand in a header, operator if the sender's or
    the link cannot.
    """
    facts = _late(notice) if notice.kind == "late_notice" else {"link": link(notice.link)}
    text = render(
        f"{notice.kind}.{notice.locale}.txt",
        {
            "full_name": one_line(notice.full_name),
            "organization_name": one_line(notice.organization_name),
            "sender_name": one_line(settings.mail_from_name),
            **facts,
        },
    )
    return compose(
        text,
        sender=from_us(settings),
        recipient=make_address(notice.to_address, notice.full_name, "refused"),
        message_id=notice.message_id,
    )


def _late(notice: Notice) -> dict[str, Any]:
    """From when to when, in the zone the times are given in, and which invoices."""
    numbers = notice.data["invoices"]
    return {
        "began_at": long_moment(datetime.fromisoformat(notice.data["began_at"]), notice.locale),
        "ended_at": long_moment(datetime.fromisoformat(notice.data["ended_at"]), notice.locale),
        "numbers": [one_line(number) for number in numbers[:NAMED_INVOICES]],
        "more": max(0, len(numbers) - NAMED_INVOICES),
    }
