"""The list of invoices: views, search, order, pages, and acts on many at once."""

from collections.abc import Mapping
from typing import Any, get_args
from urllib.parse import parse_qsl, urlsplit

from starlette.responses import Response

from app.core.errors import ApiError
from app.models.invoices import InvoiceAct, InvoiceListing, InvoiceView
from app.web.forms import Form
from app.web.lists import address, read_query
from app.web.visit import Area, Kind, Visit

area = Area("invoices")

_PATH = "/invoices"
_VIEWS = ("open", "overdue", "due_soon", "paid", "cancelled", "all")
assert set(_VIEWS) == set(get_args(InvoiceView))
_OPEN = ("open", "overdue", "due_soon", "all")
"""Views in which something can be done with many."""

_ORDERS = {"due_on": ("due_on", "-due_on"), "client": ("client",), "amount": ("amount", "-amount")}
"""The orders that a column's head goes through."""

_NAMES = {"client": "client_id"}
"""The address's word for a parameter of the API."""


@area.get(_PATH)
async def list_invoices(visit: Visit) -> Response:
    """One view of the invoices, those still open if none is named."""
    return await _show(visit, visit.query)


@area.post(f"{_PATH}/bulk")
async def act_on_invoices(visit: Visit) -> Response:
    """Do one thing with all invoices that are ticked, and say with how many it could not be done."""
    form = await visit.form()
    back = visit.back(form, _PATH)
    act = form.text("act")
    pause = act == "pause"
    body = form.read(
        InvoiceAct,
        {"invoice_ids": "invoice_id"},
        invoice_ids=[
            int(number) for number in form.all("invoice_id") if number.isascii() and number.isdigit()
        ],
        act=act,
        until=form.text("until") if pause else None,
        reason=form.text("reason") if pause else None,
    )
    if any(field.startswith("invoice_id") for field in form.faults):
        form.notice = visit.texts["none_ticked"]
        form.faults.clear()
    if body is None:
        return await _show(visit, _query_of(back), form)
    try:
        params = body.model_dump(exclude={"invoice_ids"})
        result = await visit.call("api.act_on_invoices", invoice_ids=tuple(body.invoice_ids), **params)
    except ApiError as error:
        if pause and not body.until:
            form.fault("until", form.words(error))
        else:
            form.refuse(error)
        return await _show(visit, _query_of(back), form)
    done, refused = len(result["done"]), len(result["refused"])
    if not done:
        return await visit.done(back, "none_done", kind="refused")
    number = "one" if done == 1 else "many"
    message = f"{body.act}_{number}" + ("_but" if refused else "")
    kind: Kind = "earned" if body.act == "mark_paid" else "done"
    return await visit.done(back, message, kind=kind, n=done, refused=refused)


def _query_of(path: str) -> dict[str, str]:
    """The query of an address of ours."""
    return dict(parse_qsl(urlsplit(path).query))


async def _show(visit: Visit, query: dict[str, str], form: Form | None = None) -> Response:
    asked = {"view": "open"} | {_NAMES.get(name, name): value for name, value in query.items()}
    listing = read_query(InvoiceListing, asked)
    found = await visit.call("api.list_invoices", **listing.model_dump())
    view = listing.view or "open"
    kept = {"view": view, "client": listing.client_id, "q": listing.q}
    sort = listing.sort or ("due_on" if view in _OPEN[:3] else "-created_at")
    await visit.known()
    return await visit.render(
        "invoices/invoices.html",
        200 if form is None else 422,
        found=found,
        view=view,
        q=listing.q or "",
        client=await _client(visit, listing.client_id, found["items"]),
        form=form,
        views=[(name, address(_PATH, kept, view=name), found["counts"][name]) for name in _VIEWS],
        orders=_orders(kept, sort),
        can_act=view in _OPEN,
        back=address(_PATH, kept, sort=listing.sort, cursor=listing.cursor),
        whole=address(_PATH, {"view": view}),
        unfiltered=address(_PATH, kept, client=None),
        first=address(_PATH, kept, sort=listing.sort) if listing.cursor else None,
        following=address(_PATH, kept, sort=listing.sort, cursor=found["next_cursor"])
        if found["next_cursor"]
        else None,
        ticked=set(form.all("invoice_id")) if form else set(),
    )


def _orders(kept: Mapping[str, object], sort: str) -> dict[str, dict[str, Any]]:
    """What the head of a column leads to: its next order; and in which the list is."""
    orders: dict[str, dict[str, Any]] = {}
    for column, ways in _ORDERS.items():
        at = ways.index(sort) if sort in ways else -1
        following = ways[(at + 1) % len(ways)]
        orders[column] = {
            "href": address(_PATH, kept, sort=following),
            "now": None if at < 0 else "descending" if sort.startswith("-") else "ascending",
        }
    return orders


async def _client(visit: Visit, client_id: int | None, items: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The client that is asked for; an invoice of the page says who it is."""
    if client_id is None:
        return None
    if items:
        known: dict[str, Any] = items[0]["client"]
        return known
    found: dict[str, Any] = await visit.call("api.get_client", client_id=client_id)
    return found
