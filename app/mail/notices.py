"""Mails to users about one matter: a paid that did not count, what was late, advice, their account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from app.mail.compose import UserMail, compose_for_user, link, moment, page_url, user_facts
from app.mail.items import Item
from app.mail.mail import Mail
from app.mail.text import one_line

if TYPE_CHECKING:
    from app.core.settings import Settings

NAMED_INVOICES = 20
"""A late notice names as many invoices, and counts the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice(UserMail):
    """What one notice says. `token` is that of its link, None where it has none.

    By kind, `facts`:
    said_paid: number, client_name, amount_cents, currency, and said_at in ISO 8601;
    late_notice: began_at and ended_at in ISO 8601, and invoices: their numbers;
    password_changed: changed_at in ISO 8601;
    change_email, email_changing: new_email;
    verify_email, click_mode_advice, reset_password: none.
    """

    facts: Mapping[str, Any]
    token: str | None = field(repr=False)


def read_notice(begun: Mapping[str, Any], tokens: Sequence[str]) -> Notice:
    """From an element of `worker.begin_mails`: what it says is its one item or, without one, its data."""
    items = begun.get("items") or []
    if not items:
        return Notice(**user_facts(begun), facts=begun["data"], token=None)
    (item,) = items
    return Notice(**user_facts(begun), facts=item, token=tokens[item["token"] - 1])


def write_notice(notice: Notice, *, settings: "Settings") -> Mail:
    """The mail of a notice, to the user. Raises MailError, as `write_questions` does."""
    return compose_for_user(notice, _VALUES[notice.kind](notice, settings), settings=settings)


def _said_paid(notice: Notice, settings: "Settings") -> dict[str, Any]:
    """Which invoice was said to be paid, when, and the page whose buttons decide."""
    assert notice.token is not None
    return {
        **Item.read(notice.facts).values(notice.locale),
        "said_at": moment(notice.facts["said_at"], notice),
        "link": page_url(settings, notice.token),
    }


def _verify_email(notice: Notice, settings: "Settings") -> dict[str, Any]:
    """The page that proves the address."""
    return {"link": link(f"{settings.public_url}/api/v1/verify-email/{notice.token}")}


def _reset_password(notice: Notice, settings: "Settings") -> dict[str, Any]:
    """The page that gives a new password."""
    return {"link": link(f"{settings.web_url}/reset-password/{notice.token}")}


def _password_changed(notice: Notice, settings: "Settings") -> dict[str, Any]:
    """When, and where a forgotten password is replaced."""
    return {
        "changed_at": moment(notice.facts["changed_at"], notice),
        "link": link(f"{settings.web_url}/forgot-password"),
    }


def _address_change(notice: Notice, settings: "Settings") -> dict[str, Any]:
    """The new address, and the page that makes it the user's, or stops that."""
    return {
        "new_email": one_line(notice.facts["new_email"]),
        "link": link(f"{settings.web_url}/email-change/{notice.token}"),
    }


def _late_notice(notice: Notice, _: "Settings") -> dict[str, Any]:
    """From when to when, and which invoices."""
    numbers = notice.facts["invoices"]
    return {
        "began_at": moment(notice.facts["began_at"], notice),
        "ended_at": moment(notice.facts["ended_at"], notice),
        "numbers": [one_line(number) for number in numbers[:NAMED_INVOICES]],
        "more": max(0, len(numbers) - NAMED_INVOICES),
    }


def _click_mode_advice(_: Notice, settings: "Settings") -> dict[str, Any]:
    """It says the same to every user, and where the setting is."""
    return {"setting_url": link(f"{settings.web_url}/settings#click-mode")}


_VALUES = {
    "said_paid": _said_paid,
    "verify_email": _verify_email,
    "late_notice": _late_notice,
    "click_mode_advice": _click_mode_advice,
    "reset_password": _reset_password,
    "password_changed": _password_changed,
    "change_email": _address_change,
    "email_changing": _address_change,
}
