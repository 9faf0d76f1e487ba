"""What the page Today shows: what waits for the user, what comes next, what is owed."""

from datetime import date
from typing import Any, Literal

from pydantic import AwareDatetime, ConfigDict, Field

from app.models.fields import Document
from app.models.invoices import InvoiceStatus
from app.models.relances import Reason, RelanceStatus, Tone

Remedy = Literal[
    "add_address",
    "confirm_address",
    "include",
    "include_client",
    "ask_now",
    "answer",
    "decide",
    "confirm",
    "resume",
    "resume_client",
    "wait",
]

_INVOICE = {
    "invoice_id": 42,
    "number": "2026-117",
    "client": {"client_id": 7, "name": "Dupont SARL"},
    "amount_cents": 120000,
    "currency": "EUR",
    "due_on": "2026-12-02",
    "is_sample": False,
    "days_late": 4,
}
_EXAMPLE: dict[str, Any] = {
    "questions": {
        "total": 1,
        "items": [
            {
                "invoice": _INVOICE,
                "asked_at": "2026-12-06T08:00:00Z",
                "until": "2026-12-07T08:00:00Z",
                "said_paid_at": None,
                "relance": {
                    "step": 2,
                    "tone": "firm",
                    "scheduled_at": "2026-12-07T09:00:00Z",
                    "status": "scheduled",
                },
            }
        ],
    },
    "held": {
        "total": 1,
        "items": [
            {
                "invoice": _INVOICE,
                "relance_id": 42,
                "step": 1,
                "tone": "courteous",
                "scheduled_at": "2026-12-05T09:00:00Z",
                "reason": "no_address",
                "remedy": "add_address",
            }
        ],
    },
    "next": [
        {
            "at": "2026-12-07T09:00:00Z",
            "what": "letter",
            "step": None,
            "tone": "firm",
            "invoices": 3,
            "is_partial": False,
            "invoice": _INVOICE,
            "amounts": [{"currency": "EUR", "amount_cents": 125050}],
        }
    ],
    "promises": {
        "total": 1,
        "items": [
            {"until": "2026-12-11", "reason": "promised by phone", "invoice": _INVOICE, "client": None}
        ],
    },
    "undecided": {
        "total": 1,
        "items": [
            {
                "relance_id": 42,
                "status": "unconfirmed",
                "step": 1,
                "tone": "courteous",
                "attempted_at": "2026-12-05T09:00:02Z",
                "to_address": "compta@dupont.example",
                "failure_class": "unknown",
                "failure_detail": "the connection ended after DATA",
                "decide": ["confirm", "resend"],
                "invoices": 1,
                "invoice": _INVOICE,
            }
        ],
    },
    "money": {
        "owed": [
            {
                "currency": "EUR",
                "owed_cents": 842050,
                "overdue_cents": 522050,
                "ages": [320000, 227050, 150000, 95000, 50000],
                "invoices": 12,
                "overdue_invoices": 8,
            }
        ],
        "month": "2026-12-01",
        "received": [{"currency": "EUR", "received_cents": 531000, "invoices": 4}],
    },
    "start": {
        "address": "lea@atelier.example",
        "address_proven": True,
        "has_invoices": True,
        "sample": None,
        "sample_asked": True,
        "next_at": "2026-12-07T09:00:00Z",
    },
}


class ClientName(Document):
    """A client by name."""

    client_id: int
    name: str


class InvoiceLine(Document):
    """An invoice in a line."""

    invoice_id: int
    number: str
    client: ClientName
    amount_cents: int
    currency: str
    due_on: date
    is_sample: bool = Field(description="It was made to try a question.")
    days_late: int = Field(description="Days since the due date; zero or less: it is not late.")


class Amount(Document):
    """A sum in one currency."""

    currency: str
    amount_cents: int


class WaitingLetter(Document):
    """The letter that waits for an answer, as it is planned."""

    step: int
    tone: Tone
    scheduled_at: AwareDatetime
    status: RelanceStatus


class WaitingQuestion(Document):
    """A question that waits for the user's answer."""

    invoice: InvoiceLine
    asked_at: AwareDatetime | None = Field(description="Null: the last question is over.")
    until: AwareDatetime | None = Field(description="When its links run out.")
    said_paid_at: AwareDatetime | None = Field(
        description="When a link said paid without counting: no letter leaves until the user decides."
    )
    relance: WaitingLetter | None


class WaitingQuestions(Document):
    """The invoice that is due longest comes first."""

    total: int
    items: list[WaitingQuestion]


class HeldLetter(Document):
    """A relance that is held until somebody acts."""

    invoice: InvoiceLine
    relance_id: int
    step: int
    tone: Tone
    scheduled_at: AwareDatetime
    reason: Reason
    remedy: Remedy | None = Field(description="The act that frees it.")


class HeldLetters(Document):
    """The one held longest comes first."""

    total: int
    items: list[HeldLetter]


class Step(Document):
    """A question to the user, or a letter to a client, that comes by itself."""

    at: AwareDatetime
    what: Literal["question", "letter"]
    step: int | None = Field(description="Of a letter about one invoice.")
    tone: Tone | None
    invoices: int = Field(description="How many it is about.")
    is_partial: bool = Field(description="There may be more at this moment.")
    invoice: InvoiceLine = Field(description="The one of them that is due first.")
    amounts: list[Amount]


class Promise(Document):
    """A pause that ends soon: of an invoice, or of a client."""

    until: date = Field(description="The last day of the pause, such as the promised day.")
    reason: str | None
    invoice: InvoiceLine | None
    client: ClientName | None


class Promises(Document):
    """The one that ends first comes first."""

    total: int
    items: list[Promise]


class UndecidedLetter(Document):
    """A letter that failed, or of which it is not known whether it arrived."""

    relance_id: int = Field(description="Confirm or resend this one: the whole letter follows.")
    status: Literal["failed", "unconfirmed"]
    step: int
    tone: Tone
    attempted_at: AwareDatetime | None
    to_address: str | None
    failure_class: str | None
    failure_detail: str | None = Field(description="What the mail server said.")
    decide: list[Literal["confirm", "resend"]]
    invoices: int = Field(description="How many the letter is about.")
    invoice: InvoiceLine


class UndecidedLetters(Document):
    """The latest comes first."""

    total: int
    items: list[UndecidedLetter]


class Owed(Document):
    """What is owed in one currency."""

    currency: str
    owed_cents: int
    overdue_cents: int
    ages: list[int] = Field(description="Not due, 1 to 30 days late, 31 to 60, 61 to 90, more; in cents.")
    invoices: int
    overdue_invoices: int


class Received(Document):
    """What was received in one currency."""

    currency: str
    received_cents: int
    invoices: int


class Money(Document):
    """What is owed, and what was received this month."""

    owed: list[Owed]
    month: date = Field(description="The first day of this month.")
    received: list[Received]


class StartSample(Document):
    """The sample invoice."""

    invoice_id: int
    status: InvoiceStatus


class Start(Document):
    """What the page says while there is nothing to do."""

    address: str
    address_proven: bool
    has_invoices: bool
    sample: StartSample | None = Field(description="The sample invoice that is not removed.")
    sample_asked: bool = Field(description="Whether a question about a sample was ever asked for.")
    next_at: AwareDatetime | None = Field(description="When something comes by itself.")


class Today(Document):
    """What waits for the user, what comes next, what is owed. Each list shows 20 at most, and counts all."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    questions: WaitingQuestions
    held: HeldLetters
    next: list[Step]
    promises: Promises
    undecided: UndecidedLetters
    money: Money
    start: Start
