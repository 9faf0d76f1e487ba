"""Invoices, with their check-in and relances."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, ConfigDict, Field

from app.models.clients import ClientDraft, ClientSummary
from app.models.fields import (
    AmountCents,
    Currency,
    Document,
    Email,
    Id,
    IsoDate,
    Line,
    Name,
    Page,
    Paging,
    Query,
    Request,
    SearchText,
    omitted,
)
from app.models.pauses import Pause
from app.models.relances import Reason, Relance, RelanceStatus, Tone

InvoiceStatus = Literal["open", "paid", "cancelled"]
InvoiceView = Literal["all", "open", "overdue", "due_soon", "paid", "cancelled"]
InvoiceSort = Literal["due_on", "-due_on", "created_at", "-created_at", "amount", "-amount", "client"]
PaidVia = Literal["check-in", "app", "manual"]
CheckinStatus = Literal["scheduled", "held", "sending", "sent", "answered", "expired", "failed", "cancelled"]

EXAMPLE: dict[str, Any] = {
    "invoice_id": 42,
    "client": {"client_id": 7, "name": "Dupont SARL", "email": "compta@dupont.example"},
    "number": "2026-117",
    "issued_on": "2026-11-02",
    "due_on": "2026-12-02",
    "amount_cents": 120000,
    "currency": "EUR",
    "status": "open",
    "paid_at": None,
    "paid_via": None,
    "cancelled_at": None,
    "created_at": "2026-11-02T09:30:00Z",
    "is_outdated": False,
    "is_sample": False,
    "relances_off": False,
    "pause": None,
    "checkin": {
        "checkin_task_id": 42,
        "status": "scheduled",
        "scheduled_at": "2026-12-02T08:00:00Z",
        "sent_at": None,
        "expires_at": None,
        "answer": None,
        "answered_at": None,
    },
    "relances": [
        {
            "relance_id": 42,
            "client_id": 7,
            "due_on": "2026-12-02",
            "step": 1,
            "tone": "courteous",
            "status": "scheduled",
            "asks_at": None,
            "scheduled_at": "2026-12-05T09:00:00Z",
            "sent_at": None,
            "hold_reason": None,
            "cancelled_at": None,
            "cancel_reason": None,
        }
    ],
}


class Checkin(Document):
    """The question asked about the invoice: the latest, if it was asked more than once."""

    checkin_task_id: int
    status: CheckinStatus = Field(
        description="held: it waits until the user's address is proven, for enough questions went to it."
    )
    scheduled_at: AwareDatetime
    sent_at: AwareDatetime | None
    expires_at: AwareDatetime | None
    answer: Literal["paid", "still_pending"] | None
    answered_at: AwareDatetime | None


class Invoice(Document):
    """What a client owes, whether it was paid, and what is being done about it."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    invoice_id: int
    client: ClientSummary
    number: str
    issued_on: date
    due_on: date
    amount_cents: int
    currency: str
    status: InvoiceStatus
    paid_at: AwareDatetime | None
    paid_via: PaidVia | None = Field(
        description="How we know: check-in (a link, or a button of its page), app (answered in the app),"
        " manual (marked paid)."
    )
    cancelled_at: AwareDatetime | None
    created_at: AwareDatetime
    is_outdated: bool = Field(
        description="Whether what is scheduled was planned by earlier settings or an earlier plan,"
        " and will move in a moment."
    )
    is_sample: bool = Field(
        description="Made to try a question: no letter leaves for it, it earns no rubis, counts in no sum."
    )
    relances_off: bool = Field(description="Its client is never to be reminded of it.")
    pause: Pause | None
    checkin: Checkin | None
    relances: list[Relance]


class InvoiceDraft(Request):
    """An invoice to issue, for a client known (`client_id`) or described (`client`, made if new)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "client": {"name": "Dupont SARL", "email": "compta@dupont.example"},
                    "number": "2026-117",
                    "issued_on": "2026-11-02",
                    "due_on": "2026-12-02",
                    "amount_cents": 120000,
                    "currency": "EUR",
                },
                {
                    "client_id": 7,
                    "number": "2026-118",
                    "issued_on": "2026-11-02",
                    "amount_cents": 4990,
                },
            ]
        }
    )

    client_id: Id | None = None
    client: ClientDraft | None = None
    number: Name
    issued_on: IsoDate
    due_on: IsoDate | None = Field(None, description="Null or absent: by the client's terms of payment.")
    amount_cents: AmountCents
    currency: Currency = "EUR"


class InvoiceChanges(Request):
    """What to correct of an open invoice. A changed date, amount, number or client repeats the check-in."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"due_on": "2026-12-15", "amount_cents": 118000}]}
    )

    client_id: Id = omitted()
    client: ClientDraft = omitted()
    number: Name = omitted()
    issued_on: IsoDate = omitted()
    due_on: IsoDate = omitted()
    amount_cents: AmountCents = omitted()
    currency: Currency = omitted()
    relances_off: bool = omitted()


class Reopening(Request):
    """Why an invoice is opened again."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "the cheque was returned"}]})

    reason: Line


class InvoiceListing(Paging):
    """Which page of which invoices, in which order."""

    view: InvoiceView | None = Field(
        None,
        description="open; of these overdue, or due_soon (within 7 days, today included); paid; cancelled.",
    )
    client_id: Id | None = Field(None, description="Of this client, and of those merged into it.")
    q: SearchText | None = Field(
        None,
        description="In the number or the client's name, accents aside; or the amount, as people type it.",
    )
    sort: InvoiceSort | None = Field(
        None, description="`-` descending. Absent: due_on in views of open invoices, else -created_at."
    )


class CheckinInShort(Document):
    """The latest question, as a list shows it."""

    status: CheckinStatus
    scheduled_at: AwareDatetime
    sent_at: AwareDatetime | None
    expires_at: AwareDatetime | None
    answer: Literal["paid", "still_pending"] | None
    answered_at: AwareDatetime | None


class RelanceInShort(Document):
    """The relance ahead, as a list shows it: as it is stored, without the verdict of this moment."""

    relance_id: int
    step: int
    tone: Tone
    status: RelanceStatus
    scheduled_at: AwareDatetime
    hold_reason: Reason | None


class InvoiceSummary(Document):
    """An invoice as a list shows it."""

    invoice_id: int
    client: ClientSummary
    number: str
    issued_on: date
    due_on: date
    amount_cents: int
    currency: str
    user_id: int = Field(description="Who is asked.")
    status: InvoiceStatus
    paid_at: AwareDatetime | None
    paid_via: PaidVia | None
    cancelled_at: AwareDatetime | None
    created_at: AwareDatetime
    days_late: int | None = Field(description="Of an open invoice, in the organization's zone.")
    is_outdated: bool
    is_sample: bool
    relances_off: bool
    pause: Pause | None
    checkin: CheckinInShort | None
    relance: RelanceInShort | None


class Sum(Document):
    """What invoices of one currency add up to."""

    currency: str
    invoices: int
    amount_cents: int


class InvoiceCounts(Document):
    """How many invoices each view has, of the client and the text asked for."""

    all: int
    open: int
    overdue: int
    due_soon: int
    paid: int
    cancelled: int


class InvoicePage(Page[InvoiceSummary]):
    """One page of the invoices, with the sums of all that was asked for."""

    sums: list[Sum] = Field(description="Per currency, of all pages.")
    counts: InvoiceCounts


class InvoiceAct(Request):
    """One thing to do with many invoices."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"invoice_ids": [42, 43], "act": "mark_paid"},
                {"invoice_ids": [42], "act": "pause", "until": "2030-01-31", "reason": "promised"},
            ]
        }
    )

    invoice_ids: Annotated[list[Id], Field(min_length=1, max_length=100)]
    act: Literal["mark_paid", "pause", "resume", "exclude", "include"]
    until: IsoDate | None = Field(None, description="pause: no relance until this day is over.")
    reason: Line | None = Field(None, description="pause: why.")


class InvoiceRefusal(Document):
    """An invoice with which it could not be done."""

    invoice_id: int
    reason: Literal["invoice__missing", "invoice__settled", "invoice__cancelled", "invoice__sample"]


class InvoicesDone(Document):
    """With which invoices it is done (or was so before), and which refused it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"done": [42], "refused": [{"invoice_id": 43, "reason": "invoice__cancelled"}]}]
        }
    )

    done: list[int]
    refused: list[InvoiceRefusal]


class NextNumber(Document):
    """What the next invoice may be numbered."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"number": "2026-118"}]})

    number: str | None = Field(description="Null: no invoice's number holds a digit.")


class DueOnQuery(Query):
    """The facts of an invoice that its due date depends on."""

    client_name: Name | None = None
    client_email: Email | None = None
    issued_on: IsoDate


class DueOn(Document):
    """When an invoice would be due, and by which terms."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "due_on": "2026-12-31",
                    "terms_days": 45,
                    "terms_end_of_month": True,
                    "is_the_clients": True,
                }
            ]
        }
    )

    due_on: date
    terms_days: int
    terms_end_of_month: bool
    is_the_clients: bool = Field(description="Whether the terms are the client's own.")


class DoubleQuery(Query):
    """The facts of an invoice that may have been entered before, for a client known or named."""

    client_id: Id | None = None
    client_name: Name | None = None
    amount_cents: AmountCents
    currency: Currency = "EUR"
    issued_on: IsoDate
    number: Name
    but_invoice_id: Id | None = Field(None, description="An invoice that is being corrected.")


class Double(Document):
    """An invoice that another may be a double of."""

    invoice_id: int
    number: str
    client_name: str
    issued_on: date
    amount_cents: int
    currency: str
    status: InvoiceStatus
    reasons: list[Literal["same_amount", "similar_number"]] = Field(
        description="same_amount: for the same client, issued within 31 days. similar_number: the number"
        " differs in separators or leading zeros alone."
    )


class Doubles(Document):
    """At most five such invoices, the latest issued first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "invoice_id": 42,
                            "number": "2026-117",
                            "client_name": "Dupont SARL",
                            "issued_on": "2026-11-02",
                            "amount_cents": 120000,
                            "currency": "EUR",
                            "status": "open",
                            "reasons": ["same_amount"],
                        }
                    ]
                }
            ]
        }
    )

    items: list[Double]


class SampleRemoval(Document):
    """Whether there was a sample invoice to remove."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"removed": True}]})

    removed: bool


class CheckinAnswer(Request):
    """The user's answer to "have you been paid?", given in the app."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"answer": "paid"}]})

    answer: Literal["paid", "pending"]


class CheckinOutcome(Document):
    """What the answer led to, and the invoice as it is now."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "outcome": "paid",
                    "invoice": {
                        **EXAMPLE,
                        "status": "paid",
                        "paid_at": "2026-12-02T08:15:00Z",
                        "paid_via": "app",
                    },
                }
            ]
        }
    )

    outcome: Literal["paid", "pending", "already_answered"]
    invoice: Invoice
