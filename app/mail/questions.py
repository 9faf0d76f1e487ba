"""The mail of questions: "have you been paid?", about one invoice or several."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Self

from app.core.text import money
from app.mail.compose import Sum, UserMail, compose_for_user, day, link, named, totals, user_facts
from app.mail.mail import Mail
from app.mail.text import one_line

if TYPE_CHECKING:
    from app.core.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question. `reminders` says what an answer of pending leads to."""

    token: str = field(repr=False)
    number: str
    client_name: str
    amount_cents: int
    currency: str
    issued_on: str
    due_on: str
    reminders: Literal["planned", "no_address", "excluded", "paused", "none"]

    @classmethod
    def read(cls, item: Mapping[str, Any], tokens: Sequence[str]) -> Self:
        """From an item of `worker.begin_mails`, whose `token` counts the tokens from 1."""
        facts = {name: item[name] for name in cls.__slots__}
        return cls(**{**facts, "token": tokens[item["token"] - 1]})


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions(UserMail):
    """What one mail asks, the most overdue invoice first."""

    click_mode: Literal["direct", "confirm"]
    questions: tuple[Question, ...]


def read_questions(begun: Mapping[str, Any], tokens: Sequence[str]) -> Questions:
    """From an element of `worker.begin_mails` and the tokens minted for that call."""
    return Questions(
        **user_facts(begun),
        click_mode=begun["click_mode"],
        questions=tuple(Question.read(item, tokens) for item in begun["items"]),
    )


def write_questions(mail: Questions, *, settings: "Settings") -> Mail:
    """The mail that asks a user which invoices were paid; it goes to the user, never to the client.

    Raises MailError: refused if the recipient's address cannot stand in a header, operator if the sender's or
    a link cannot.
    """
    sums = totals((Sum(asked.amount_cents, asked.currency) for asked in mail.questions), mail.locale)
    return compose_for_user(
        mail,
        {
            "click_mode": mail.click_mode,
            "questions": [_facts(asked, mail, settings) for asked in mail.questions],
            "totals": sums,
            "named_totals": named(sums),
            "web_url": link(settings.web_url),
        },
        settings=settings,
    )


def _facts(asked: Question, mail: Questions, settings: "Settings") -> dict[str, str]:
    """What the template is told of one question."""
    answer = f"{settings.public_url}/api/v1/checkin/{asked.token}"
    return {
        "number": one_line(asked.number),
        "client_name": one_line(asked.client_name),
        "amount": money(asked.amount_cents, one_line(asked.currency), mail.locale),
        "issued_on": day(asked.issued_on, mail.locale),
        "due_on": day(asked.due_on, mail.locale),
        "reminders": asked.reminders,
        "paid_url": link(f"{answer}/paid"),
        "pending_url": link(f"{answer}/pending"),
        "page_url": link(f"{settings.public_url}/checkin/{asked.token}"),
    }
