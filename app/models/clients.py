"""Clients: who owes the invoices."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, ConfigDict, Field

from app.models.fields import (
    Document,
    Email,
    Id,
    Locale,
    Name,
    Paging,
    Query,
    Request,
    SearchText,
    TermsDays,
    omitted,
)
from app.models.pauses import Pause


class ClientDraft(Request):
    """A client to add."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Dupont SARL", "email": "compta@dupont.example"}]}
    )

    name: Name
    email: Email | None = None


class ClientChanges(Request):
    """What to change of a client."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"email": "factures@dupont.example"}]})

    name: Name = omitted()
    email: Email | None = None
    locale: Locale | None = Field(None, description="Language of the letters; null for the organization's.")
    is_business: bool = omitted()
    relance_plan_id: Id | None = Field(None, description="A plan of its own; null for the default.")
    relances_off: bool = omitted()
    terms_days: TermsDays | None = Field(None, description="Terms of payment; null: the organization's.")
    terms_end_of_month: bool | None = Field(
        None, description="Whether the days count to the end of their month. Needs `terms_days`."
    )


class ClientMerge(Request):
    """Which client this one turned out to be."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"into_client_id": 8}]})

    into_client_id: Id


class ClientSummary(Document):
    """A client, as an invoice shows it."""

    client_id: int
    name: str
    email: str | None


class ClientQuery(Query):
    """The beginning of a client's name, or a part of it."""

    q: Annotated[str, Field(max_length=200)] = ""


class FoundClient(ClientSummary):
    """A client whose name was typed, with its terms of payment; null: the organization's."""

    terms_days: int | None
    terms_end_of_month: bool | None


class FoundClients(Document):
    """At most 20: those whose name begins with the text first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "client_id": 7,
                            "name": "Dupont SARL",
                            "email": "compta@dupont.example",
                            "terms_days": None,
                            "terms_end_of_month": None,
                        }
                    ]
                }
            ]
        }
    )

    items: list[FoundClient]


class Client(ClientSummary):
    """Who owes invoices; receives relances, never check-ins."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "client_id": 7,
                    "name": "Dupont SARL",
                    "email": "compta@dupont.example",
                    "locale": None,
                    "is_business": True,
                    "relance_plan_id": None,
                    "relances_off": False,
                    "terms_days": 45,
                    "terms_end_of_month": True,
                    "pause": None,
                    "same_address_client_ids": [],
                    "created_at": "2026-11-02T09:30:00Z",
                }
            ]
        }
    )

    locale: Locale | None
    is_business: bool = Field(
        description="Whether letters may cite the law on late payment between businesses."
    )
    relance_plan_id: int | None
    relances_off: bool = Field(description="Never to be reminded.")
    terms_days: int | None = Field(
        description="Days from an invoice's issue to its due date; null: the organization's terms."
    )
    terms_end_of_month: bool | None = Field(
        description="Whether the days count to the end of the month that they end in."
    )
    pause: Pause | None
    same_address_client_ids: list[int] = Field(
        description="Clients of the same e-mail address. What is paused, excluded or refused for one of them"
        " is so for all; if they are one client, merge them."
    )
    created_at: AwareDatetime


class ClientListing(Paging):
    """Which page of which clients, in which order."""

    q: SearchText | None = Field(None, description="In the name or the address, accents aside.")
    sort: Literal["name", "-owed", "-days_late", "-created_at"] | None = Field(
        None, description="-owed goes by the largest sum of a currency. Absent: -created_at."
    )


class ClientOwed(Document):
    """What a client owes in one currency."""

    currency: str
    invoices: int
    amount_cents: int


class ClientItem(Client):
    """A client as a list shows it."""

    model_config = ConfigDict(json_schema_extra={"examples": []})

    owed: list[ClientOwed]
    open_invoices: int
    days_late: int = Field(description="Of its oldest open invoice; 0 if none is late.")


class Age(Document):
    """What is owed of one age, in days after the due date."""

    age: Literal["not_due", "1_30", "31_60", "61_90", "over_90"]
    invoices: int
    amount_cents: int


class Debt(Document):
    """What is owed in one currency."""

    currency: str
    invoices: int
    owed_cents: int
    overdue_cents: int
    ages: list[Age]


class ClientQuestions(Document):
    """What came of the questions about a client's invoices."""

    asked: int
    pending: int
    paid: int


class ClientHabits(Document):
    """How a client paid in the last 12 months."""

    paid_invoices: int
    average_days_late: float | None = Field(
        description="How many days after they were due these were paid, on average; below zero: before."
    )
    questions: ClientQuestions


class ClientDouble(ClientSummary):
    """A client that may be the same."""

    same: Literal["name", "email"]


class ClientOverview(Document):
    """A client with what it owes, how it pays, and its likely doubles."""

    client: Client
    owed: list[Debt]
    days_late: int
    habits: ClientHabits
    doubles: list[ClientDouble]


class StatementInvoice(Document):
    """An invoice on a statement of account."""

    invoice_id: int
    number: str
    issued_on: date
    due_on: date
    amount_cents: int
    currency: str
    status: Literal["open", "paid"]
    paid_at: AwareDatetime | None
    days_late: int | None


class Statement(Document):
    """A client's open invoices and those it paid in the last 12 months, by due date."""

    on: date
    client: ClientSummary
    owed: list[Debt]
    invoices: list[StatementInvoice]
