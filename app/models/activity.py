"""Activity events: the business history the user reads."""

from typing import Any

from pydantic import AwareDatetime, ConfigDict, Field

from app.models.fields import Document


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
