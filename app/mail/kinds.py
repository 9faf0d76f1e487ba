"""The kinds of mail, and how each is written from what `worker.begin_mails` gives."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from app.mail.letters import read_letter, write_letter
from app.mail.mail import Mail
from app.mail.notices import read_notice, write_notice
from app.mail.questions import read_questions, write_questions
from app.mail.receipts import read_receipts, write_receipts

if TYPE_CHECKING:
    from app.core.settings import Settings

_Writer = Callable[[Mapping[str, Any], Sequence[str], "Settings"], Mail]


def _questions(begun: Mapping[str, Any], tokens: Sequence[str], settings: "Settings") -> Mail:
    return write_questions(read_questions(begun, tokens), settings=settings)


def _letter(begun: Mapping[str, Any], _: Sequence[str], settings: "Settings") -> Mail:
    return write_letter(read_letter(begun), settings=settings)


def _receipts(begun: Mapping[str, Any], tokens: Sequence[str], settings: "Settings") -> Mail:
    return write_receipts(read_receipts(begun, tokens), settings=settings)


def _notice(begun: Mapping[str, Any], tokens: Sequence[str], settings: "Settings") -> Mail:
    return write_notice(read_notice(begun, tokens), settings=settings)


KINDS: Mapping[str, _Writer] = {
    "questions": _questions,
    "letter": _letter,
    "receipts": _receipts,
    "said_paid": _notice,
    "verify_email": _notice,
    "late_notice": _notice,
    "click_mode_advice": _notice,
    "reset_password": _notice,
    "password_changed": _notice,
    "change_email": _notice,
    "email_changing": _notice,
}
"""The kinds of mail, as the domain `rubis.mail_kind` lists them."""


def write_mail(begun: Mapping[str, Any], tokens: Sequence[str], *, settings: "Settings") -> Mail:
    """The mail of an element of `worker.begin_mails`; `tokens` are those of that call, in their order.

    Raises MailError: refused if the recipient's address cannot stand in a header, operator if the sender's, a
    link or a Reply-To cannot, or if a formal notice has another number of invoices than one.
    """
    return KINDS[begun["kind"]](begun, tokens, settings)
