"""Relances, their forecast, and the plans they come from."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, ConfigDict, Field

from app.models.fields import Document, Id, Locale, Name, Request, Wording

RelanceStatus = Literal["scheduled", "held", "sending", "sent", "failed", "unconfirmed", "cancelled"]
Tone = Literal["courteous", "firm", "formal_notice"]
Reason = Literal[
    "owner_not_asked",
    "owner_being_asked",
    "link_alive",
    "word_stale",
    "owner_said_paid",
    "address_unproven",
    "invoice_excluded",
    "client_excluded",
    "no_address",
    "paused",
    "too_soon",
    "notice_running",
    "client_spacing",
    "quota",
    "calendar_unknown",
    "day_off",
    "plan_changed",
    "unconfirmed",
    "invoice_paid",
    "invoice_cancelled",
]


class Relance(Document):
    """One reminder to the client."""

    relance_id: int
    client_id: int = Field(description="Whom it is written to.")
    due_on: date = Field(description="The due date it reminds of.")
    step: int
    tone: Tone
    status: RelanceStatus
    asks_at: AwareDatetime | None = Field(
        description="When the owner is asked again before it, as planned; null: not again."
    )
    scheduled_at: AwareDatetime
    sent_at: AwareDatetime | None
    hold_reason: Reason | None = Field(description="Why it is held until a user acts.")
    cancelled_at: AwareDatetime | None
    cancel_reason: str | None


class RelanceAhead(Relance):
    """The relance ahead, with the verdict that sending obeys."""

    asks_at: AwareDatetime | None = Field(
        description="When the owner is asked again before it; null: not again, or it is held."
    )
    leaves_at: AwareDatetime | None = Field(
        description="When it leaves if nothing changes; null: it is held."
    )
    reason: Reason | None = Field(description="What it waits for, or why it is held; null: nothing.")


class PastRelance(Relance):
    """A relance that ended."""

    counts: bool = Field(
        description="Whether the plan goes on from it. False: it was not sent, or was written to another"
        " client, or left before a new term was granted."
    )


class RelanceForecast(Document):
    """A relance that is foreseen, not yet scheduled."""

    step: int
    tone: Tone
    planned_at: AwareDatetime
    asks_at: AwareDatetime | None = Field(
        description="When the owner is asked again before it; null: not again, or the one ahead is held."
    )
    leaves_at: AwareDatetime | None
    reason: Reason | None


class InvoiceRelances(Document):
    """All that can be said of an invoice's relances."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "ahead": {
                        "relance_id": 42,
                        "client_id": 7,
                        "due_on": "2026-12-04",
                        "step": 1,
                        "tone": "courteous",
                        "status": "scheduled",
                        "scheduled_at": "2026-12-07T09:00:00Z",
                        "sent_at": None,
                        "hold_reason": None,
                        "cancelled_at": None,
                        "cancel_reason": None,
                        "asks_at": "2026-12-15T08:00:00Z",
                        "leaves_at": "2026-12-16T09:00:00Z",
                        "reason": "paused",
                    },
                    "forecast": [
                        {
                            "step": 2,
                            "tone": "firm",
                            "planned_at": "2026-12-23T09:00:00Z",
                            "asks_at": "2026-12-22T08:00:00Z",
                            "leaves_at": "2026-12-23T09:00:00Z",
                            "reason": None,
                        }
                    ],
                    "past": [],
                }
            ]
        }
    )

    ahead: RelanceAhead | None
    forecast: list[RelanceForecast]
    past: list[PastRelance]


class RelancePreview(Document):
    """The very text that would leave."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "to": "compta@dupont.example",
                    "subject": "Facture 2026-117 : 1 200,00 €",
                    "text": "Bonjour,\n\nSauf erreur de notre part ...",
                    "html": None,
                    "invoice_ids": [117],
                    "asks_at": "2026-12-15T08:00:00Z",
                    "leaves_at": "2026-12-16T09:00:00Z",
                }
            ]
        }
    )

    to: str | None = Field(description="Null: the client has no address yet.")
    subject: str
    text: str
    html: str | None = Field(description="The same as HTML; null: the organization's mails are plain text.")
    invoice_ids: list[int] = Field(description="All invoices that the letter is about, the oldest first.")
    asks_at: AwareDatetime | None = Field(
        description="When the owner is asked again before it leaves; null: not again, or it is held."
    )
    leaves_at: AwareDatetime | None = Field(description="When it leaves; null: it is held.")


class Letter(Document):
    """A letter that left, or may have."""

    mail_id: int
    attempt: int
    step: int = Field(description="The step of this invoice's relance.")
    tone: Tone
    sent_at: AwareDatetime = Field(
        description="When the mail server took it; unconfirmed: when it was tried."
    )
    status: Literal["sent", "unconfirmed"]
    to_address: str
    subject: str | None = Field(description="Null: it is kept no longer, or was not recorded.")
    body: str | None = Field(description="The exact text. Null: as `subject`.")
    invoice_ids: list[int] = Field(description="All invoices that the letter is about, the oldest first.")


class Letters(Document):
    """The letters about an invoice, the oldest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "mail_id": 51,
                            "attempt": 1,
                            "step": 1,
                            "tone": "courteous",
                            "sent_at": "2026-12-16T09:00:02Z",
                            "status": "sent",
                            "to_address": "compta@dupont.example",
                            "subject": "Facture 2026-117 : 1 200,00 €",
                            "body": "Bonjour,\n\nSauf erreur de notre part ...",
                            "invoice_ids": [117],
                        }
                    ]
                }
            ]
        }
    )

    items: list[Letter]


class StepDraft(Request):
    """One step of a plan."""

    days_after_due: int = Field(ge=1, le=365, description="More than those of the step before.")
    tone: Tone


class Step(Document):
    """One step of a plan, numbered from 1."""

    step: int
    days_after_due: int
    earliest_days_after_due: int = Field(
        description="It does not leave before this day: a formal notice gives eight days, in which nothing"
        " follows it. Equal to days_after_due unless a formal notice comes less than nine days before."
    )
    tone: Tone


Steps = Annotated[list[StepDraft], Field(max_length=20)]


class PlanSteps(Request):
    """The steps of the default plan, in their order."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "steps": [
                        {"days_after_due": 3, "tone": "courteous"},
                        {"days_after_due": 10, "tone": "firm"},
                        {"days_after_due": 30, "tone": "formal_notice"},
                    ]
                }
            ]
        }
    )

    steps: Steps


class PlanDraft(PlanSteps):
    """A named plan, which clients can be given."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "Patient", "steps": [{"days_after_due": 15, "tone": "courteous"}]}]
        }
    )

    name: Name


class Plan(Document):
    """When clients are reminded, and in what tone."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "relance_plan_id": 1,
                    "name": "Standard",
                    "is_default": True,
                    "client_count": 12,
                    "steps": [
                        {
                            "step": 1,
                            "days_after_due": 3,
                            "earliest_days_after_due": 3,
                            "tone": "courteous",
                        }
                    ],
                }
            ]
        }
    )

    relance_plan_id: int
    name: str
    is_default: bool
    client_count: int = Field(
        description="How many clients follow it; those without a plan of their own follow the default one."
    )
    steps: list[Step]


class Plans(Document):
    """All plans, the default one first."""

    items: list[Plan]


class PlanTrial(PlanSteps):
    """Steps to try on an invoice; they are not kept."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "steps": [
                        {"days_after_due": 3, "tone": "courteous"},
                        {"days_after_due": 10, "tone": "firm"},
                    ]
                }
            ]
        }
    )

    invoice_id: Id | None = Field(None, description="Null: the newest open invoice, or else a sample.")


class StepDates(Document):
    """When a step would come."""

    step: int
    tone: Tone
    asks_at: AwareDatetime | None = Field(
        description="When the owner is asked before it; null: the question before still counts."
    )
    leaves_at: AwareDatetime


class ExampleInvoice(Document):
    """An invoice on which steps can be tried."""

    invoice_id: int
    number: str
    client_name: str
    due_on: date


class PlanPreview(Document):
    """The dates of steps on one invoice, as if it were issued now."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "invoice_id": 117,
                    "number": "2026-117",
                    "due_on": "2026-12-04",
                    "steps": [
                        {
                            "step": 1,
                            "tone": "courteous",
                            "asks_at": "2026-12-04T08:00:00Z",
                            "leaves_at": "2026-12-07T09:00:00Z",
                        }
                    ],
                    "invoices": [
                        {
                            "invoice_id": 117,
                            "number": "2026-117",
                            "client_name": "Dupont SARL",
                            "due_on": "2026-12-04",
                        }
                    ],
                }
            ]
        }
    )

    invoice_id: int | None = Field(description="Null: a sample that falls due today.")
    number: str | None
    due_on: date
    steps: list[StepDates]
    invoices: list[ExampleInvoice] = Field(description="The newest open invoices, 20 at most.")


class WordingDraft(Request):
    """What a letter says around its facts. Null: the usual words.

    Fields such as `{client}` stand for what the letter is about, choices such as `{it|them}` for words about
    one invoice or several.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "opening": "Bonjour {client},\n\nAvez-vous reçu {la facture|les factures} {number} ?",
                    "request": None,
                }
            ]
        }
    )

    opening: Wording | None = Field(None, description="Before the facts, the salutation included.")
    request: Wording | None = Field(
        None, description="After the facts. A formal notice says it after its own demand, which stays."
    )


class LetterWording(Document):
    """An organization's own words for the letters of a tone and language."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "tone": "courteous",
                    "locale": "fr",
                    "opening": "Bonjour {client},\n\nAvez-vous reçu {la facture|les factures} {number} ?",
                    "request": None,
                    "updated_at": "2026-11-30T09:00:00Z",
                }
            ]
        }
    )

    tone: Tone
    locale: Locale
    opening: str | None = Field(description="Null: the usual words.")
    request: str | None = Field(description="Null: the usual words.")
    updated_at: AwareDatetime


class UsualWording(Document):
    """The words of a letter in a tone and language of which the organization wrote none of its own."""

    tone: Tone
    locale: Locale
    opening: str
    request: str = Field(description="Empty in a formal notice, whose own demand always stands.")


class LetterWordings(Document):
    """The words of the letters."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "fields": ["client", "organization", "number", "amount", "due_on", "days_late"],
                    "items": [],
                    "usual": [
                        {
                            "tone": "firm",
                            "locale": "en",
                            "opening": "Dear Sir or Madam,\n\nThe invoice below ...",
                            "request": "We ask you to pay {it|them} on receipt of this message.",
                        }
                    ],
                }
            ]
        }
    )

    fields: list[str] = Field(description="What may stand between braces.")
    items: list[LetterWording] = Field(description="The organization's own words.")
    usual: list[UsualWording]


class LetterTrial(Request):
    """A letter to look at; nothing of it is kept."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"tone": "firm", "wording": {"request": "Merci de régler {amount}."}}]
        }
    )

    tone: Tone | None = Field(None, description="Null: all three.")
    locale: Locale | None = Field(None, description="Null: the client's.")
    invoice_id: Id | None = Field(None, description="Null: the newest open invoice, or else a sample.")
    wording: WordingDraft | None = Field(None, description="Null: the words that are kept.")


class LetterText(Document):
    """A letter as it would leave."""

    tone: Tone
    locale: Locale
    to: str | None = Field(description="Null: the client has no address yet.")
    subject: str
    text: str
    html: str | None = Field(description="The same as HTML; null: the organization's mails are plain text.")


class LetterPreviews(Document):
    """Letters about one invoice as they would leave now."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "invoice_id": 117,
                    "items": [
                        {
                            "tone": "firm",
                            "locale": "fr",
                            "to": "compta@dupont.example",
                            "subject": "Facture 2026-117 : 1 200,00 € à régler",
                            "text": "Madame, Monsieur,\n\nLa facture ...",
                            "html": None,
                        }
                    ],
                }
            ]
        }
    )

    invoice_id: int | None = Field(description="Null: a sample.")
    items: list[LetterText]
