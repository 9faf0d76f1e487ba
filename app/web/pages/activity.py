"""What happened in the organization, filtered by kind, client and day."""

from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from app.core.errors import ApiError
from app.models.activity import ActivityPaging
from app.web.events import tell
from app.web.forms import Form
from app.web.visit import Area, Visit

area = Area("activity")

KINDS = {
    "payments": ["invoice_paid", "invoice_reopened"],
    "questions": ["checkin_sent", "checkin_expired", "checkin_failed"],
    "answers": ["checkin_answered", "checkin_contradicted", "checkin_undone", "invoice_paid"],
    "letters": [
        *("relance_sent", "relance_failed", "relance_refused", "relance_unconfirmed"),
        *("relance_confirmed", "relance_resent"),
    ],
    "pauses": ["relances_paused", "relances_resumed"],
    "invoices": ["invoice_created", "invoice_changed", "invoice_cancelled", "client_merged"],
}
"""What a reader chooses from: several kinds of events each."""

_FILTERS = ("kind", "client", "invoice", "from", "until")


@area.get("/activity")
async def list_activity(visit: Visit) -> Response:
    """The events, newest first, a page at a time."""
    form = Form.of(visit.query, (await visit.known())["user"]["locale"])
    query = form.read(
        ActivityPaging,
        {"client_id": "client"},
        kind=KINDS.get(form.text("kind") or ""),
        client_id=form.text("client"),
        cursor=form.text("cursor"),
        **{name: form.text(name) for name in ("from", "until") if form.text(name)},
    )
    page: dict[str, Any] = {"items": [], "next_cursor": None}
    if query is not None:
        filters = query.filters()
        if "invoice" in visit.query and visit.query["invoice"].isdecimal():
            filters["invoice_id"] = int(visit.query["invoice"][:15])
        try:
            page = await visit.call("api.list_activity", **filters)
        except ApiError as error:
            form.refuse(error)
    kept = {name: value for name, value in visit.query.items() if name in _FILTERS}
    return await visit.render(
        "activity/activity.html",
        422 if form.faults or form.notice else 200,
        page=page,
        form=form,
        kinds=KINDS,
        tell=tell,
        filtered=bool(kept),
        first=_address(kept) if "cursor" in visit.query else None,
        older=_address({**kept, "cursor": page["next_cursor"]}) if page["next_cursor"] else None,
    )


def _address(query: dict[str, str]) -> str:
    return f"/activity?{urlencode(query)}"
