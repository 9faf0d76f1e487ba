"""The mail of questions: "have you been paid?", about one invoice or several."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from app.mail.compose import UserMail, compose_for_user, link, page_url, user_facts
from app.mail.items import LinkedItem, day, sums
from app.mail.mail import Mail

if TYPE_CHECKING:
    from app.core.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(LinkedItem):
    """One question. `reminders` says what an answer of pending leads to. A sample is no debt of anybody."""

    issued_on: str
    due_on: str
    is_sample: bool
    reminders: Literal["planned", "no_address", "excluded", "paused", "none"]


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
        questions=Question.read_all(begun, tokens),
    )


def write_questions(mail: Questions, *, settings: "Settings") -> Mail:
    """The mail that asks a user which invoices were paid; it goes to the user, never to the client.

    Raises MailError: refused if the recipient's address cannot stand in a header, operator if the sender's or
    a link cannot.
    """
    return compose_for_user(
        mail,
        {
            "click_mode": mail.click_mode,
            "questions": [_facts(asked, mail, settings) for asked in mail.questions],
            **sums([asked for asked in mail.questions if not asked.is_sample], mail.locale),
            "web_url": link(settings.web_url),
        },
        settings=settings,
    )


def _facts(asked: Question, mail: Questions, settings: "Settings") -> dict[str, str | bool]:
    """What the template is told of one question."""
    answer = f"{settings.public_url}/api/v1/checkin/{asked.token}"
    return {
        **asked.values(mail.locale),
        "issued_on": day(asked.issued_on, mail.locale),
        "due_on": day(asked.due_on, mail.locale),
        "reminders": asked.reminders,
        "is_sample": asked.is_sample,
        "paid_url": link(f"{answer}/paid"),
        "pending_url": link(f"{answer}/pending"),
        "page_url": page_url(settings, asked.token),
    }
