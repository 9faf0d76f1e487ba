"""Import batches: invoices read from elsewhere, waiting for the user's validation."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, ConfigDict, Field

from app.models.fields import (
    AmountCents,
    Currency,
    Document,
    Email,
    IsoDate,
    Name,
    Request,
)

_FIELDS: dict[str, Any] = {
    "number": "2026-117",
    "client_name": "Dupont SARL",
    "client_email": "compta@dupont.example",
    "issued_on": "2026-11-02",
    "due_on": "2026-12-02",
    "amount_cents": 120000,
    "currency": "EUR",
}
_DRAFT: dict[str, Any] = {
    "import_draft_id": 5,
    "import_batch_id": 3,
    "position": 1,
    "status": "pending",
    **_FIELDS,
    "invoice_id": None,
    "validated_at": None,
    "discarded_at": None,
}


class ImportDraftFields(Request):
    """What was read of an invoice; anything may still be missing.

    Validating the draft needs all but `client_email`, `currency` and `due_on`.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_FIELDS]})

    number: Name | None = None
    client_name: Name | None = None
    client_email: Email | None = None
    issued_on: IsoDate | None = None
    due_on: IsoDate | None = None
    amount_cents: AmountCents | None = None
    currency: Currency | None = None


class ImportDraftChanges(ImportDraftFields):
    """What to correct of a pending draft. Fields left out stay as they are; null empties a field."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"amount_cents": 118000, "client_email": None}]}
    )


class ImportBatchDraft(Request):
    """Drafts to import together."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"drafts": [_FIELDS]}]})

    drafts: Annotated[list[ImportDraftFields], Field(min_length=1, max_length=500)]


class ImportDraft(Document):
    """An invoice to be."""

    model_config = ConfigDict(json_schema_extra={"examples": [_DRAFT]})

    import_draft_id: int
    import_batch_id: int
    position: int
    status: Literal["pending", "validated", "discarded"]
    number: str | None
    client_name: str | None
    client_email: str | None
    issued_on: date | None
    due_on: date | None
    amount_cents: int | None
    currency: str | None
    invoice_id: int | None
    validated_at: AwareDatetime | None
    discarded_at: AwareDatetime | None


class ImportBatch(Document):
    """What one import brought."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"import_batch_id": 3, "created_at": "2026-11-02T09:30:00Z", "drafts": [_DRAFT]}]
        }
    )

    import_batch_id: int
    created_at: AwareDatetime
    drafts: list[ImportDraft]
