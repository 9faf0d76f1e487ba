"""What `worker.begin_mails` gives for each kind of mail, with what a test changes, and the mails of it."""

from typing import Any

from app.mail.kinds import write_mail
from app.mail.mail import Mail
from tests.mail.mail_peers import TOKEN, make_settings

APP_URL = "https://app.rubis-sur-l-ongle.example/facturation"
WEB_URL = "https://rubis-sur-l-ongle.example"
TOKENS = [TOKEN, *(f"{TOKEN[:-3]}{number:03}" for number in range(1, 100))]
TO_USER: dict[str, Any] = {
    "organization_id": 1,
    "mail_id": 2,
    "attempt": 1,
    "message_id": "<00000000000000000000000000000003@rubis-sur-l-ongle.fr>",
    "to_address": "camille@studio-camille.example",
    "full_name": "Camille Durand",
    "organization_name": "Studio Camille",
    "locale": "fr",
    "time_zone": "Europe/Paris",
    "mail_format": "text",
    "data": {},
    "items": [],
}
INVOICE: dict[str, Any] = {
    "number": "F-2026-014",
    "client_name": "Boulangerie Martin",
    "amount_cents": 120_000,
    "currency": "EUR",
}
OTHERS = [
    {"number": "F-2026-021", "client_name": "Garage Öztürk", "amount_cents": 205_050},
    {"number": "2026/7", "client_name": "Menuiserie L\u2019Hostis & Filles", "amount_cents": 99_950},
]
ASKED = {"issued_on": "2026-03-01", "due_on": "2026-03-31", "reminders": "planned", "is_sample": False}
ANSWERED = {"answered_at": "2026-03-31T07:05:12.123456+00:00", "answered_via": "link"}
SAID = {"said_at": "2026-03-31T07:05:12.123456+00:00"}
LATE = {
    "began_at": "2026-03-31T07:05:12.123456+00:00",
    "ended_at": "2026-04-01T09:40:00+00:00",
    "invoices": ["F-2026-014", "F-2026-015"],
}
NEW_ADDRESS = {"new_email": "camille@nouveau.example"}
OWED = {"issued_on": "2026-03-01", "due_on": "2026-03-31", "days_late": 12, "step": 1, "tone": "courteous"}
CAMILLE = {"email": "camille@studio-camille.example", "full_name": "Camille Durand"}
ZOE = {"email": "zoe@studio-camille.example", "full_name": "Zoé Ünal"}
FIRST = "<1f0e9d8c7b6a59483726150413223140@rubis-sur-l-ongle.fr>"
LETTER: dict[str, Any] = {
    "organization_id": 1,
    "mail_id": 4,
    "attempt": 1,
    "kind": "letter",
    "message_id": "<00000000000000000000000000000002@rubis-sur-l-ongle.fr>",
    "to_address": "compta@boulangerie-martin.example",
    "client_name": "Boulangerie Martin",
    "locale": "fr",
    "mail_format": "text",
    "organization_name": "Studio Camille",
    "signature": None,
    "reply_to": [CAMILLE],
    "tone": "courteous",
    "late_penalty_rate": 12.50,
    "indemnity": True,
    "thread": [],
    "copy_to": [],
}
TONES = ["courteous", "firm", "formal_notice"]
TO_USERS = [
    "questions",
    "receipts",
    "said_paid",
    "verify_email",
    "late_notice",
    "click_mode_advice",
    "reset_password",
    "password_changed",
    "change_email",
    "email_changing",
]
LINKED = [
    "questions",
    "receipts",
    "said_paid",
    "verify_email",
    "reset_password",
    "change_email",
    "email_changing",
]


def items(count: int, facts: dict[str, Any], **changes: Any) -> list[dict[str, Any]]:
    """So many items about different invoices; each has the changes."""
    return [
        {
            "position": number,
            "checkin_task_id": 10 + number,
            "invoice_id": 20 + number,
            "token": number,
            **INVOICE,
            **facts,
            **([{}, *OTHERS][(number - 1) % 3]),
            **changes,
        }
        for number in range(1, count + 1)
    ]


def begun(kind: str, count: int = 1, item: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A begun mail of that kind, of so many items, each with the changes of `item`."""
    changed = item or {}
    if kind == "letter":
        invoices = items(count, OWED, **changed)
        return {**LETTER, "invoices": invoices, **changes}
    parts: dict[str, dict[str, Any]] = {
        "questions": {"click_mode": "direct", "items": items(count, ASKED, **changed)},
        "receipts": {"items": items(count, ANSWERED, **changed)},
        "said_paid": {"items": items(1, SAID, **changed)},
        "verify_email": {"items": [{"position": 1, "token": 1}]},
        "late_notice": {"data": LATE},
        "click_mode_advice": {},
        "reset_password": {"items": [{"position": 1, "token": 1}]},
        "change_email": {"items": [{"position": 1, "token": 1, **NEW_ADDRESS}]},
        "email_changing": {"items": [{"position": 1, "token": 1, **NEW_ADDRESS}]},
        "password_changed": {"data": {"changed_at": "2026-03-31T07:05:12.123456+00:00"}},
    }
    return {**TO_USER, "kind": kind, **parts[kind], **changes}


def settings_of_mails(**changes: Any) -> Any:
    """Settings whose links are those of the tests."""
    return make_settings(**{"app_url": APP_URL, "web_url": WEB_URL, **changes})


def make_mail(kind: str = "questions", count: int = 1, **changes: Any) -> Mail:
    """The mail of `begun`."""
    return write_mail(begun(kind, count, **changes), TOKENS, settings=settings_of_mails())


def body(kind: str, count: int = 1, **changes: Any) -> str:
    """Its plain text."""
    return make_mail(kind, count, **changes).text


def page(number: int = 1) -> str:
    """The page of the item of that number."""
    return f"{APP_URL}/checkin/{TOKENS[number - 1]}"


def answer(word: str, number: int = 1) -> str:
    """The link that answers the question of that number."""
    return f"{APP_URL}/api/v1/checkin/{TOKENS[number - 1]}/{word}"
