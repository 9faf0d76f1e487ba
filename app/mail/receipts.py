"""The mail of receipts: an answer of paid was recorded; each item has a link that takes it back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Self

from app.core.text import money
from app.mail.compose import Sum, UserMail, compose_for_user, link, moment, named, totals, user_facts
from app.mail.mail import Mail
from app.mail.text import one_line

if TYPE_CHECKING:
    from app.core.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One answer. `answered_at` is ISO 8601."""

    token: str = field(repr=False)
    number: str
    client_name: str
    amount_cents: int
    currency: str
    answered_at: str
    answered_via: Literal["link", "page"]

    @classmethod
    def read(cls, item: Mapping[str, Any], tokens: Sequence[str]) -> Self:
        """From an item of `worker.begin_mails`, whose `token` counts the tokens from 1."""
        facts = {name: item[name] for name in cls.__slots__}
        return cls(**{**facts, "token": tokens[item["token"] - 1]})


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipts(UserMail):
    """What one mail confirms."""

    receipts: tuple[Receipt, ...]


def read_receipts(begun: Mapping[str, Any], tokens: Sequence[str]) -> Receipts:
    """From an element of `worker.begin_mails` and the tokens minted for that call."""
    return Receipts(
        **user_facts(begun), receipts=tuple(Receipt.read(item, tokens) for item in begun["items"])
    )


def write_receipts(mail: Receipts, *, settings: "Settings") -> Mail:
    """The mail of receipts, to the user. Raises MailError, as `write_questions` does."""
    sums = totals((Sum(receipt.amount_cents, receipt.currency) for receipt in mail.receipts), mail.locale)
    return compose_for_user(
        mail,
        {
            "receipts": [
                {
                    "number": one_line(receipt.number),
                    "client_name": one_line(receipt.client_name),
                    "amount": money(receipt.amount_cents, one_line(receipt.currency), mail.locale),
                    "answered_at": moment(receipt.answered_at, mail),
                    "by_link": receipt.answered_via == "link",
                    "page_url": link(f"{settings.public_url}/checkin/{receipt.token}"),
                }
                for receipt in mail.receipts
            ],
            "totals": sums,
            "named_totals": named(sums),
        },
        settings=settings,
    )
