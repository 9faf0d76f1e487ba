"""Activity events: the business history the user reads."""

from typing import Any, Literal

from pydantic import AwareDatetime, ConfigDict, Field

from app.models.fields import Document, Id, IsoDate, Paging

EventKind = Literal[
    "invoice_created",
    "invoice_changed",
    "invoice_paid",
    "invoice_cancelled",
    "invoice_reopened",
    "checkin_sent",
    "checkin_answered",
    "checkin_expired",
    "checkin_failed",
    "checkin_contradicted",
    "checkin_undone",
    "relance_sent",
    "relance_failed",
    "relance_refused",
    "relance_unconfirmed",
    "relance_confirmed",
    "relance_resent",
    "relances_paused",
    "relances_resumed",
    "client_merged",
]


class ActivityEvent(Document):
    """Something that happened, such as `invoice_paid` labelled `via check-in`. Append-only."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "activity_event_id": 99,
                    "kind": "invoice_paid",
                    "label": "via check-in",
                    "occurred_at": "2026-12-02T08:15:00Z",
                    "invoice_id": 42,
                    "checkin_task_id": 42,
                    "user_id": None,
                    "data": {},
                    "user_name": None,
                    "number": "2026-117",
                    "client_name": "Dupont SARL",
                }
            ]
        }
    )

    activity_event_id: int
    kind: str = Field(
        description="What happened, such as `invoice_paid`, `checkin_answered`, `checkin_contradicted` (both"
        " links followed at once) or `checkin_undone` (an answer taken back)."
    )
    label: str | None
    occurred_at: AwareDatetime
    invoice_id: int
    checkin_task_id: int | None
    user_id: int | None = Field(
        description="Who did it in the app; null for a click on a link or on a page's button."
    )
    data: dict[str, Any]
    user_name: str | None = Field(description="The name of that user.")
    number: str = Field(description="The number of the invoice.")
    client_name: str = Field(description="Who owes it.")


class ActivityPaging(Paging):
    """Which events, and which page of them."""

    kind: list[EventKind] | None = Field(
        None, max_length=20, description="Only these; repeat it for several."
    )
    client_id: Id | None = Field(None, description="Only of this client's invoices.")
    from_: IsoDate | None = Field(None, alias="from", description="Not before this local day.")
    until: IsoDate | None = Field(None, description="Not after this local day.")

    def filters(self) -> dict[str, Any]:
        """The parameters of `api.list_activity`."""
        values = self.model_dump(by_alias=True)
        return values | {"kind": self.kind and tuple(self.kind)}
