"""The mail of receipts: an answer of paid was recorded; each item has a link that takes it back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from app.mail.compose import UserMail, compose_for_user, moment, page_url, user_facts
from app.mail.items import LinkedItem, sums
from app.mail.mail import Mail

if TYPE_CHECKING:
    from app.core.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt(LinkedItem):
    """One answer."""

    answered_at: str
    answered_via: Literal["link", "page"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipts(UserMail):
    """What one mail confirms."""

    receipts: tuple[Receipt, ...]


def read_receipts(begun: Mapping[str, Any], tokens: Sequence[str]) -> Receipts:
    """From an element of `worker.begin_mails` and the tokens minted for that call."""
    return Receipts(**user_facts(begun), receipts=Receipt.read_all(begun, tokens))


def write_receipts(mail: Receipts, *, settings: "Settings") -> Mail:
    """The mail of receipts, to the user. Raises MailError, as `write_questions` does."""
    return compose_for_user(
        mail,
        {
            "receipts": [
                {
                    **receipt.values(mail.locale),
                    "answered_at": moment(receipt.answered_at, mail),
                    "by_link": receipt.answered_via == "link",
                    "page_url": page_url(settings, receipt.token),
                }
                for receipt in mail.receipts
            ],
            **sums(mail.receipts, mail.locale),
        },
        settings=settings,
    )
