"""One mail of each kind with sample facts, composed as the worker does: what the settings show."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from app.mail.kinds import write_mail
from app.mail.mail import Mail

if TYPE_CHECKING:
    from app.core.settings import Settings

_TOKENS = [f"sample{number}" for number in (1, 2, 3)]
_MESSAGE_ID = "<sample@rubis.example>"
_CLIENTS = {
    "fr": ("Boulangerie Martin", "Garage Öztürk", "Menuiserie L’Hostis"),
    "en": ("Martin’s Bakery", "Öztürk Garage", "Hostis Joinery"),
}
_OWED = (120_000, 45_050, 99_950)


def sample_mails(
    user: Mapping[str, Any],
    organization: Mapping[str, Any],
    wordings: Iterable[Mapping[str, Any]],
    now: datetime,
    settings: "Settings",
) -> dict[str, Mail]:
    """The question, several questions, the receipt, the letter in each tone, the proof of an address.

    In the organization's language, with its settings and its own words. `user` and `organization` are as
    `api.open_page` shows them, `wordings` as `api.list_letter_wordings`. Raises MailError: operator.
    """
    made = _Samples(user, organization, now)
    locale = organization["locale"]
    own = {wording["tone"]: wording for wording in wordings if wording["locale"] == locale}
    begun = {
        "question": made.to_user("questions", made.asked(1)),
        "questions": made.to_user("questions", made.asked(3)),
        "receipt": made.to_user("receipts", made.answered()),
        **{tone: made.letter(tone, own.get(tone)) for tone in ("courteous", "firm", "formal_notice")},
        "verification": made.to_user("verify_email", made.asked(1)),
    }
    return {kind: write_mail(facts, _TOKENS, settings=settings) for kind, facts in begun.items()}


class _Samples:
    """What `worker.begin_mails` would give."""

    def __init__(self, user: Mapping[str, Any], organization: Mapping[str, Any], now: datetime) -> None:
        self._user = user
        self._organization = organization
        self._now = now

    def to_user(self, kind: str, items: list[dict[str, Any]]) -> dict[str, Any]:
        organization = self._organization
        return {
            "kind": kind,
            "message_id": _MESSAGE_ID,
            "to_address": self._user["email"],
            "full_name": self._user["full_name"],
            "organization_name": organization["name"],
            **{name: organization[name] for name in ("locale", "time_zone", "mail_format", "click_mode")},
            "items": items,
        }

    def asked(self, count: int) -> list[dict[str, Any]]:
        return [
            self._invoice(place, self._today - timedelta(days=3 * place))
            | {"token": place + 1, "reminders": "planned", "is_sample": False}
            for place in range(count)
        ]

    def answered(self) -> list[dict[str, Any]]:
        answered_at = (self._now - timedelta(minutes=5)).isoformat()
        facts = {"token": 1, "answered_at": answered_at, "answered_via": "link"}
        return [self._invoice(0, self._today) | facts]

    def letter(self, tone: str, wording: Mapping[str, Any] | None) -> dict[str, Any]:
        organization = self._organization
        late = {"courteous": 3, "firm": 10, "formal_notice": 30}[tone]
        in_france = organization["country"] == "FR"
        return {
            "kind": "letter",
            "message_id": _MESSAGE_ID,
            "to_address": "client@example.com",
            "client_name": self._invoice(0, self._today)["client_name"],
            **{name: organization[name] for name in ("locale", "mail_format", "signature")},
            "organization_name": organization["name"],
            "reply_to": [{name: self._user[name] for name in ("email", "full_name")}],
            "tone": tone,
            "late_penalty_rate": organization["late_penalty_rate"] if in_france else None,
            "indemnity": in_france,
            "wording": wording,
            "invoices": [
                self._invoice(0, self._today - timedelta(days=late)) | {"days_late": late},
            ],
        }

    @property
    def _today(self) -> date:
        return self._now.date()

    def _invoice(self, place: int, due_on: date) -> dict[str, Any]:
        return {
            "number": f"{due_on.year}-{117 + place}",
            "client_name": _CLIENTS[self._organization["locale"]][place],
            "amount_cents": _OWED[place],
            "currency": "EUR",
            "issued_on": (due_on - timedelta(days=30)).isoformat(),
            "due_on": due_on.isoformat(),
        }
