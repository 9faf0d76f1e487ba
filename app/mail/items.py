"""What mails say of the invoices that they are about: one, or several with their sums."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from functools import lru_cache
from typing import Any, Self

from app.core.text import Language, long_date, money
from app.mail.text import one_line

_NAMED_CURRENCIES = 2
_KNOWN_DAYS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One invoice of a mail. Days and moments of what is made of it are ISO 8601."""

    number: str
    client_name: str
    amount_cents: int
    currency: str

    @classmethod
    def read(cls, item: Mapping[str, Any]) -> Self:
        """From an item of `worker.begin_mails`, or an invoice of a letter."""
        return cls(**{one.name: item[one.name] for one in fields(cls)})

    def values(self, locale: Language) -> dict[str, Any]:
        """What a template is told of it."""
        return {
            "number": one_line(self.number),
            "client_name": one_line(self.client_name),
            "amount": money(self.amount_cents, one_line(self.currency), locale),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedItem(Item):
    """One that the mail has links for."""

    token: str = field(repr=False)

    @classmethod
    def read_all(cls, begun: Mapping[str, Any], tokens: Sequence[str]) -> tuple[Self, ...]:
        """Those of an element of `worker.begin_mails`, each of whose `token` counts the tokens from 1."""
        return tuple(cls.read({**item, "token": tokens[item["token"] - 1]}) for item in begun["items"])


def sums(items: Iterable[Item], locale: Language) -> dict[str, list[str]]:
    """What a template is told of them together: `totals`, one per currency, as they come; one item has none.

    `named_totals` are those that a subject names: none of more than two currencies, which no list of mails
    shows.
    """
    by_currency: dict[str, int] = {}
    items = list(items)
    for item in items if len(items) > 1 else ():
        by_currency[item.currency] = by_currency.get(item.currency, 0) + item.amount_cents
    totals = [money(amount, one_line(currency), locale) for currency, amount in by_currency.items()]
    return {"totals": totals, "named_totals": totals if len(totals) <= _NAMED_CURRENCIES else []}


@lru_cache(_KNOWN_DAYS)
def day(value: str, locale: Language) -> str:
    """A day, ISO 8601, in words."""
    return long_date(date.fromisoformat(value), locale)
