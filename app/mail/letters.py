"""The letter to a client: a relance, as plain text.

What each tone says of late payment, where the law allows it (France, between businesses; `Letter.indemnity`):

| tone | penalties and indemnity | term |
|---|---|---|
| courteous | not mentioned: perhaps an oversight | in the coming days |
| firm | recalled | on receipt |
| formal_notice | claimed as due | eight days from receipt |

The law: Code de commerce, article L441-10, II. Penalties are payable from the day after the due date "sans
qu'un rappel soit nécessaire"; a business that pays late owes the fixed indemnity "de plein droit", 40 euros
by article D441-5. Penalties are named only with the rate that the organization has entered.
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any, Literal

from app.core.text import Language, long_date, money, percent
from app.mail.compose import compose, from_us, make_address, render
from app.mail.text import folded, one_line

if TYPE_CHECKING:
    from app.core.settings import Settings

Tone = Literal["courteous", "firm", "formal_notice"]

_MESSAGE_ID = re.compile(r"<[!-;=?A-~]{1,300}@[!-;=?A-~]{1,300}>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """The facts of one letter, as `rubis.relance_letter` gives them, and its Message-ID.

    `reply_to` and `full_name` are the user's. `late_penalty_rate` is yearly, in per cent; it and `indemnity`
    are given only where the law allows. `first_message_id` is that of the invoice's first letter, None for
    that one itself.
    """

    to_address: str
    client_name: str
    locale: Language
    organization_name: str
    signature: str | None
    reply_to: str
    full_name: str
    number: str
    amount_cents: int
    currency: str
    issued_on: date
    due_on: date
    step: int
    tone: Tone
    late_penalty_rate: Decimal | None
    indemnity: bool
    first_message_id: str | None
    message_id: str


def read_letter(facts: dict[str, Any], message_id: str) -> Letter:
    """The letter that `rubis.relance_letter` describes; the same for preview and sending."""
    rate = facts["late_penalty_rate"]
    return Letter(
        **{
            **facts,
            "issued_on": date.fromisoformat(facts["issued_on"]),
            "due_on": date.fromisoformat(facts["due_on"]),
            "late_penalty_rate": None if rate is None else Decimal(str(rate)),
        },
        message_id=message_id,
    )


def letter_text(letter: Letter) -> tuple[str, str]:
    """Subject and body: what a preview shows and `letter_message` sends.

    The subject is the same for every tone: some mailboxes group a thread by its subject.
    """
    return render(
        f"letter.{letter.locale}.txt",
        {
            "client_name": one_line(letter.client_name),
            "organization_name": one_line(letter.organization_name),
            "full_name": one_line(letter.full_name),
            "reply_to": one_line(letter.reply_to),
            "number": one_line(letter.number),
            "amount": money(letter.amount_cents, one_line(letter.currency), letter.locale),
            "issued_on": long_date(letter.issued_on, letter.locale),
            "due_on": long_date(letter.due_on, letter.locale),
            "indemnity": letter.indemnity,
            # At a rate of 0 no penalties are asked for.
            "rate": percent(letter.late_penalty_rate, letter.locale) if letter.late_penalty_rate else None,
            "signature": _signature(letter),
        },
        body=letter.tone,
    )


def letter_message(letter: Letter, *, settings: "Settings") -> EmailMessage:
    """The mail that reminds a client, in the organization's name; answers go to the user.

    A letter after the first names that one (RFC 5322, 3.6.4), so that mailboxes keep them together.

    Raises MailError: refused if the client's address cannot stand in a header, operator if the sender's or
    the user's cannot.
    """
    thread = {}
    if letter.first_message_id is not None and _MESSAGE_ID.fullmatch(letter.first_message_id):
        thread = {"In_Reply_To": letter.first_message_id, "References": letter.first_message_id}
    return compose(
        letter_text(letter),
        sender=from_us(settings, letter.organization_name),
        recipient=make_address(letter.to_address, letter.client_name, "refused"),
        message_id=letter.message_id,
        Reply_To=make_address(letter.reply_to, letter.full_name, "operator"),
        **thread,
    )


def _signature(letter: Letter) -> str:
    """The whole signature of the organization, its long lines folded; else who writes."""
    own = folded(letter.signature or "").strip("\n")
    return own or f"{one_line(letter.full_name)}\n{one_line(letter.organization_name)}"
