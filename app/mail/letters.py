"""The letter to a client: one relance or several, in the firmest of their tones.

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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from app.core.text import Language, days, percent
from app.mail.compose import compose, from_us, make_address
from app.mail.errors import MailError
from app.mail.items import Item, day, sums
from app.mail.mail import Mail
from app.mail.text import folded, one_line
from app.mail.wording import Tone, field_values, fill, usual_wording
from app.mail.words import MailFormat, Words, render

if TYPE_CHECKING:
    from app.core.settings import Settings

_MESSAGE_ID = re.compile(r"<[!-;=?A-~]{1,300}@[!-;=?A-~]{1,300}>")
# Each is a line of at most 600 octets; servers limit the size of all headers together.
_THREAD_LENGTH = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """A user in whose name the letter is, and to whom an answer goes."""

    email: str
    full_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterInvoice(Item):
    """One invoice of a letter. `client_name` is the client's name on it."""

    issued_on: str
    due_on: str
    days_late: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """The facts of one letter, and its Message-ID.

    `late_penalty_rate` is yearly, in per cent; it and `indemnity` are given only where the law allows.
    `thread` are the Message-IDs of the first letters about these invoices, of which this is none. `copy_to`
    are the addresses that get a copy unseen. `opening` and `request` are the organization's own words, None
    for ours.
    """

    to_address: str
    client_name: str
    locale: Language
    mail_format: MailFormat
    organization_name: str
    signature: str | None
    reply_to: tuple[Writer, ...]
    tone: Tone
    late_penalty_rate: Decimal | None
    indemnity: bool
    thread: tuple[str, ...]
    copy_to: tuple[str, ...]
    message_id: str
    opening: str | None
    request: str | None
    invoices: tuple[LetterInvoice, ...]


def read_letter(facts: Mapping[str, Any]) -> Letter:
    """The letter that the database describes; the same for preview, sending and last word."""
    rate = facts["late_penalty_rate"]
    wording = facts.get("wording") or {}
    same = ("to_address", "client_name", "locale", "organization_name", "signature", "tone", "indemnity")
    return Letter(
        **{name: facts[name] for name in same},
        mail_format=facts.get("mail_format", "text"),
        reply_to=tuple(
            Writer(**{name: user[name] for name in Writer.__slots__}) for user in facts["reply_to"]
        ),
        late_penalty_rate=None if rate is None else Decimal(str(rate)),
        thread=tuple(facts.get("thread") or ()),
        copy_to=tuple(facts.get("copy_to") or ()),
        message_id=facts.get("message_id") or "",
        opening=wording.get("opening"),
        request=wording.get("request"),
        invoices=tuple(map(LetterInvoice.read, facts["invoices"])),
    )


def letter_words(letter: Letter) -> Words:
    """What a preview shows and `write_letter` sends.

    The subject is the same for every tone: some mailboxes group a thread by its subject. Raises MailError,
    operator, for a letter without invoices and a formal notice of several.
    """
    if not letter.invoices or (letter.tone == "formal_notice" and len(letter.invoices) > 1):
        raise MailError("operator", f"a letter of {len(letter.invoices)} invoices cannot be {letter.tone}")
    names = {one_line(invoice.client_name) for invoice in letter.invoices}
    invoices = [_facts(invoice, letter.locale) for invoice in letter.invoices]
    owed = sums(letter.invoices, letter.locale)
    return render(
        "letter",
        letter.locale,
        letter.mail_format,
        {
            "tone": letter.tone,
            "organization_name": one_line(letter.organization_name),
            "writers": [
                {"full_name": one_line(user.full_name), "email": one_line(user.email)}
                for user in letter.reply_to
            ],
            "one_client": len(names) == 1,
            "invoices": invoices,
            **owed,
            **_wording(letter, invoices, owed["totals"]),
            "indemnity": letter.indemnity,
            # At a rate of 0 no penalties are asked for.
            "rate": percent(letter.late_penalty_rate, letter.locale) if letter.late_penalty_rate else None,
            "signature": _signature(letter),
        },
    )


def preview(ahead: Mapping[str, Any]) -> dict[str, Any]:
    """The letter that `api.preview_relance` tells of, as it would leave, and when.

    `{to, subject, text, html, invoice_ids, asks_at, leaves_at}`; `to` is None where there is no address.
    """
    letter = read_letter(ahead["letter"])
    words = letter_words(letter)
    return {
        "to": letter.to_address,
        "subject": words.subject,
        "text": words.text,
        "html": words.html,
        "invoice_ids": [invoice["invoice_id"] for invoice in ahead["letter"]["invoices"]],
        "asks_at": ahead["asks_at"],
        "leaves_at": ahead["leaves_at"],
    }


def write_letter(letter: Letter, *, settings: "Settings") -> Mail:
    """The mail that reminds a client, in the organization's name; answers go to its users.

    A letter after the first names the first ones (RFC 5322, 3.6.4), so that mailboxes keep them together.

    Raises MailError: refused if the client's address cannot stand in a header, operator if the sender's or a
    user's cannot, and as `letter_words` does.
    """
    thread = dict.fromkeys(name for name in letter.thread if _MESSAGE_ID.fullmatch(name))
    return compose(
        letter_words(letter),
        kind="letter",
        locale=letter.locale,
        sender=from_us(settings, letter.organization_name),
        recipient=make_address(letter.to_address, letter.client_name, "refused"),
        message_id=letter.message_id,
        reply_to=[make_address(user.email, user.full_name, "operator") for user in letter.reply_to],
        thread=list(thread)[:_THREAD_LENGTH],
        copies=letter.copy_to,
    )


def _facts(invoice: LetterInvoice, locale: Language) -> dict[str, Any]:
    """What the template is told of one invoice."""
    return {
        **invoice.values(locale),
        "issued_on": day(invoice.issued_on, locale),
        "due_on": day(invoice.due_on, locale),
        "days_late": max(0, invoice.days_late),
        "late": days(max(0, invoice.days_late), locale),
    }


def _wording(letter: Letter, invoices: Sequence[Mapping[str, Any]], totals: Sequence[str]) -> dict[str, Any]:
    """The paragraphs before the facts and after them."""
    usual = usual_wording(letter.tone, letter.locale)
    values = field_values(
        invoices,
        totals,
        client=letter.client_name,
        organization=letter.organization_name,
        locale=letter.locale,
    )
    return {
        name: fill(usual_words if own is None else own, values, several=len(invoices) > 1)
        for name, own, usual_words in (
            ("opening", letter.opening, usual.opening),
            ("request", letter.request, usual.request),
        )
    }


def _signature(letter: Letter) -> str:
    """The whole signature of the organization, its long lines folded; else who writes."""
    own = folded(letter.signature or "").strip("\n")
    users = [one_line(user.full_name) for user in letter.reply_to]
    # Several users sign as their organization.
    return own or "\n".join([*(users if len(users) == 1 else ()), one_line(letter.organization_name)])
