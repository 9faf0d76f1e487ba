"""What will be asked and what will leave, if nothing changes."""

from typing import Literal

from pydantic import AwareDatetime, ConfigDict, Field

from app.models.fields import Document, IsoDate, Query
from app.models.relances import Reason, Tone


class ForecastQuery(Query):
    """Until when to look."""

    until: IsoDate = Field(description="The last local day; at most two years from now.")


class Foretold(Document):
    """A mail that will come: questions to a user, or a letter to a client."""

    at: AwareDatetime | None = Field(description="Null: it is held.")
    what: Literal["question", "letter"]
    step: int | None = Field(description="Of a letter; null where its invoices are at different steps.")
    tone: Tone | None
    invoice_ids: list[int]
    to: str | None = Field(description="The address; null: the client has none.")
    reason: Reason | None = Field(description="Why it waits, or is held.")


class Forecast(Document):
    """What comes, in order of time, if nothing changes and no question is answered; at most 200 items.

    Later steps of several invoices may be put off further by the days between two letters to one address.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "at": "2026-12-02T08:00:00Z",
                            "what": "question",
                            "step": None,
                            "tone": None,
                            "invoice_ids": [42],
                            "to": "lea@atelier.example",
                            "reason": None,
                        },
                        {
                            "at": "2026-12-07T09:00:00Z",
                            "what": "letter",
                            "step": 1,
                            "tone": "courteous",
                            "invoice_ids": [42],
                            "to": "compta@dupont.example",
                            "reason": None,
                        },
                    ],
                    "complete_until": None,
                }
            ]
        }
    )

    items: list[Foretold]
    complete_until: AwareDatetime | None = Field(
        description="After this moment there is more than is listed; null: this is all."
    )
