"""Clients: who owes the invoices."""

from pydantic import AwareDatetime, ConfigDict

from app.models.fields import Document, Email, Line, Request, omitted


class ClientDraft(Request):
    """A client to add."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Dupont SARL", "email": "compta@dupont.example"}]}
    )

    name: Line
    email: Email | None = None


class ClientChanges(Request):
    """What to change of a client."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"email": "factures@dupont.example"}]})

    name: Line = omitted()
    email: Email | None = None


class ClientSummary(Document):
    """A client, as an invoice shows it."""

    client_id: int
    name: str
    email: str | None


class Client(ClientSummary):
    """Who owes invoices; receives relances, never check-ins."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "client_id": 7,
                    "name": "Dupont SARL",
                    "email": "compta@dupont.example",
                    "created_at": "2026-11-02T09:30:00Z",
                }
            ]
        }
    )

    created_at: AwareDatetime
