"""Import batches: invoices read from elsewhere, waiting for the user's validation."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, ConfigDict, Field

from app.models.fields import (
    AmountCents,
    Code,
    Currency,
    Document,
    Email,
    IsoDate,
    Line,
    Name,
    Query,
    Request,
)

DraftField = Literal[
    "number", "client_name", "client_email", "issued_on", "due_on", "amount_cents", "currency"
]

_FIELDS: dict[str, Any] = {
    "number": "2026-117",
    "client_name": "Dupont SARL",
    "client_email": "compta@dupont.example",
    "issued_on": "2026-11-02",
    "due_on": "2026-12-02",
    "amount_cents": 120000,
    "currency": "EUR",
}
_FAULT: dict[str, Any] = {
    "field": "client_email",
    "code": "email_form",
    "text": "compta[at]dupont.example",
    "column": "D (Courriel)",
}
_COUNTS = {"pending": 1, "complete": 0, "validated": 0, "discarded": 0}
_BATCH: dict[str, Any] = {
    "import_batch_id": 3,
    "created_at": "2026-11-02T09:30:00Z",
    "source": "factures.csv",
    "counts": _COUNTS,
}
_DRAFT: dict[str, Any] = {
    "import_draft_id": 5,
    "import_batch_id": 3,
    "position": 1,
    "status": "pending",
    **_FIELDS,
    "client_email": None,
    "source_row": 2,
    "invoice_id": None,
    "validated_at": None,
    "discarded_at": None,
    "doubts": [_FAULT],
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


class ReadFault(Request):
    """What could not be read of a field: what is wrong, the text as it stands, and where."""

    model_config = ConfigDict(json_schema_extra={"examples": [_FAULT]})

    field: DraftField
    code: Code
    text: Line | None = None
    column: Line | None = None


class ReadDraft(ImportDraftFields):
    """What was read of an invoice, from which row, and what could not be read."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{**_FIELDS, "client_email": None, "source_row": 2, "faults": [_FAULT]}]
        }
    )

    source_row: Annotated[int, Field(ge=1, le=9_999_999)] | None = None
    faults: Annotated[list[ReadFault], Field(max_length=20)] = Field(default_factory=list)


class ImportDraftChanges(ImportDraftFields):
    """What to correct of a pending draft. Fields left out stay as they are; null empties a field."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"amount_cents": 118000, "client_email": None}]}
    )


class ImportBatchDraft(Request):
    """Drafts to import together."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"drafts": [_FIELDS], "source": "factures.csv"}]}
    )

    drafts: Annotated[list[ReadDraft], Field(min_length=1, max_length=500)]
    source: Line | None = Field(None, description="Where they were read: the name of a file, or `paste`.")


class Doubt(Document):
    """What speaks against validating a draft as it stands.

    `missing`, `before_issue` (due before it was issued), `in_use` (the number of an invoice), `twice` (the
    number of another draft too), `ambiguous` (several clients have the name), or the `code` of what could
    not be read.
    """

    field: DraftField
    code: str
    text: str | None
    column: str | None


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
    source_row: int | None
    invoice_id: int | None
    validated_at: AwareDatetime | None
    discarded_at: AwareDatetime | None
    doubts: list[Doubt] = Field(description="Of a pending draft; empty: it can be validated.")


class ImportCounts(Document):
    """How many drafts stand where."""

    pending: int
    complete: int = Field(description="Of the pending: nothing is missing, and all could be read.")
    validated: int
    discarded: int


class ImportSummary(Document):
    """One import, without its drafts."""

    model_config = ConfigDict(json_schema_extra={"examples": [_BATCH]})

    import_batch_id: int
    created_at: AwareDatetime
    source: str | None
    counts: ImportCounts


class ImportBatch(ImportSummary):
    """What one import brought."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**_BATCH, "drafts": [_DRAFT]}]})

    drafts: list[ImportDraft]


class ImportReview(ImportBatch):
    """An import as a person goes through it: a page of drafts, those in doubt first."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**_BATCH, "certain": 0, "page": 1, "pages": 1, "drafts": [_DRAFT]}]}
    )

    certain: int = Field(description="How many pending drafts nothing speaks against.")
    page: int
    pages: int


class ReviewPaging(Query):
    """Which page of the drafts, of 50 each."""

    page: Annotated[int, Field(ge=1, le=1000)] = 1


class LeftDraft(Document):
    """A draft that was not validated: its first doubt, or why it was refused."""

    import_draft_id: int
    field: str | None
    reason: str


class CertainValidated(Document):
    """How many drafts were validated, and which were not."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "validated": 97,
                    "left": [{"import_draft_id": 5, "field": "amount_cents", "reason": "missing"}],
                }
            ]
        }
    )

    validated: int
    left: list[LeftDraft]
