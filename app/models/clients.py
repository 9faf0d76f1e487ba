"""Clients: who owes the invoices."""

from typing import Annotated

from pydantic import AwareDatetime, ConfigDict, Field

from app.models.fields import Document, Email, Id, Locale, Name, Query, Request, TermsDays, omitted
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
