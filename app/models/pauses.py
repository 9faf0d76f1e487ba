"""Pauses of the relances, of an invoice or of a client."""

from datetime import date

from pydantic import ConfigDict, Field

from app.models.fields import Document, IsoDate, Line, Request


class PauseRequest(Request):
    """Until when no relance leaves, and why; a promise of payment is a pause with that reason."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"until": "2026-12-15", "reason": "payment promised by phone"}]}
    )

    until: IsoDate = Field(description="No relance until this day is over, in the organization's zone.")
    reason: Line | None = None


class Pause(Document):
    """A pause in force."""

    until: date | None = Field(description="The last day of the pause; null: until resumed.")
    reason: str | None
