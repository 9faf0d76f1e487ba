"""Clients: their list, the page of one, its form, its statement of account."""

import csv
import io
from datetime import datetime
from typing import Any

from starlette.responses import Response

from app.core.amounts import plain_amount
from app.core.errors import ApiError
from app.core.text import Language
from app.models.clients import ClientChanges, ClientDraft, ClientListing, ClientMerge
from app.models.pauses import PauseRequest
from app.web.forms import Form
from app.web.headers import APP_HEADERS
from app.web.lists import address, read_query
from app.web.pages.terms import terms_words
from app.web.visit import Area, Visit
from app.web.words import load_texts

area = Area("clients")

_LIST = "/clients"
_PATH = "/clients/{client_id:int}"
_SHOWN = 10
"""Open invoices on a client's page; the list has all."""

_ORDERS = {"name": "name", "owed": "-owed", "late": "-days_late"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@area.get(_LIST)
async def list_clients(visit: Visit) -> Response:
    """All clients by name, or what is searched for, with what they owe."""
    listing = read_query(ClientListing, {"sort": "name"} | visit.query)
    found = await visit.call("api.list_clients", **listing.model_dump())
    asked = {"q": listing.q, "sort": listing.sort}
    await visit.known()
    return await visit.render(
        "clients/clients.html",
        found=found,
        q=listing.q or "",
        sort=listing.sort,
        orders={column: address(_LIST, asked, sort=order) for column, order in _ORDERS.items()},
        chosen={order: column for column, order in _ORDERS.items()}.get(listing.sort or ""),
        first=address(_LIST, asked) if listing.cursor else None,
        following=address(_LIST, asked, cursor=found["next_cursor"]) if found["next_cursor"] else None,
    )


@area.get(f"{_LIST}/new")
async def show_new_client(visit: Visit) -> Response:
    """A client to be named."""
    await visit.known()
    return await _show_form(visit, Form.of(visit.query, visit.language))


@area.post(f"{_LIST}/new")
async def create_client(visit: Visit) -> Response:
    """Keep a new client."""
    form = await visit.form()
    body = form.read(ClientDraft, name=form.text("name") or "", email=form.text("email"))
    if body is None:
        return await _show_form(visit, form, status=422)
    try:
        client = await visit.call("api.create_client", **body.model_dump())
    except ApiError as error:
        form.refuse(error)
        return await _show_form(visit, form, status=422)
    return await visit.done(f"{_LIST}/{client['client_id']}", "created", name=client["name"])


@area.get(_PATH)
async def show_client(visit: Visit) -> Response:
    """What a client owes, how it pays, its invoices, and what can be done with it."""
    return await _show(visit)


@area.get(f"{_PATH}/edit")
async def show_client_form(visit: Visit) -> Response:
    """The facts of a client, to be changed."""
    client = await visit.call("api.get_client", client_id=visit.path_id("client_id"))
    await visit.known()
    ticks = {name: client[name] for name in ("is_business", "terms_end_of_month") if client[name]}
    texts = {name: client[name] for name in ("name", "email", "locale", "relance_plan_id", "terms_days")}
    return await _show_form(visit, Form.of(texts | ticks, visit.language), client)


@area.post(f"{_PATH}/edit")
async def update_client(visit: Visit) -> Response:
    """Keep the changed facts of a client."""
    form = await visit.form()
    client_id = visit.path_id("client_id")
    days = form.integer("terms_days")
    body = form.read(
        ClientChanges,
        name=form.text("name") or "",
        email=form.text("email"),
        locale=form.text("locale"),
        is_business=form.checked("is_business"),
        relance_plan_id=form.integer("relance_plan_id"),
        terms_days=days,
        terms_end_of_month=form.checked("terms_end_of_month") if days is not None else None,
    )
    if body is not None:
        try:
            changes = body.model_dump(mode="json", exclude_unset=True)
            client = await visit.call("api.update_client", client_id=client_id, changes=changes)
        except ApiError as error:
            form.refuse(error)
        else:
            return await visit.done(f"{_LIST}/{client['client_id']}", "changed", name=client["name"])
    client = await visit.call("api.get_client", client_id=client_id)
    return await _show_form(visit, form, client, 422)


@area.post(f"{_PATH}/pause")
async def pause_client(visit: Visit) -> Response:
    """Send the client no relance until a day is over."""
    form = await visit.form()
    body = form.read(PauseRequest, until=form.text("until") or "", reason=form.text("reason"))
    if body is None:
        return await _show(visit, form)
    try:
        client = await visit.call(
            "api.pause_client", client_id=visit.path_id("client_id"), **body.model_dump()
        )
    except ApiError as error:
        form.refuse(error)
        return await _show(visit, form)
    return await _done(visit, form, client, "paused")


@area.post(f"{_PATH}/resume")
async def resume_client(visit: Visit) -> Response:
    """The relances of the client go on."""
    form = await visit.form()
    client = await visit.call("api.resume_client", client_id=visit.path_id("client_id"))
    return await _done(visit, form, client, "resumed")


@area.post(f"{_PATH}/exclude")
async def exclude_client(visit: Visit) -> Response:
    """Never remind the client."""
    return await _exclude(visit, "excluded", relances_off=True)


@area.post(f"{_PATH}/include")
async def include_client(visit: Visit) -> Response:
    """Remind the client again."""
    return await _exclude(visit, "included", relances_off=False)


@area.post(f"{_PATH}/merge")
async def merge_client(visit: Visit) -> Response:
    """Merge a double into this client, whose address, plan and pause count."""
    form = await visit.form()
    into_id = visit.path_id("client_id")
    body = form.read(ClientMerge, {"into_client_id": "double_id"}, into_client_id=form.integer("double_id"))
    if body is None:
        return await _show(visit, form)
    client = await visit.call("api.merge_client", client_id=body.into_client_id, into_client_id=into_id)
    return await _done(visit, form, client, "merged")


@area.get(f"{_PATH}/statement")
async def show_statement(visit: Visit) -> Response:
    """The statement of account, to be printed."""
    statement = await visit.call("api.show_statement", client_id=visit.path_id("client_id"))
    await visit.known()
    return await visit.render(
        "clients/statement.html", statement=statement, ages=load_texts(visit.language, "money")["ages"]
    )


@area.get(f"{_PATH}/statement.csv")
async def download_statement(visit: Visit) -> Response:
    """The same for a spreadsheet."""
    statement = await visit.call("api.show_statement", client_id=visit.path_id("client_id"))
    await visit.known()
    name = f"{visit.texts['csv']['file']}-{statement['client']['client_id']}-{statement['on']}.csv"
    return Response(
        _table(statement, visit),
        media_type="text/csv",
        headers=APP_HEADERS | {"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def _done(visit: Visit, form: Form, client: dict[str, Any], message: str) -> Response:
    to = visit.back(form, f"{_LIST}/{client['client_id']}")
    return await visit.done(to, message, name=client["name"])


async def _exclude(visit: Visit, message: str, *, relances_off: bool) -> Response:
    form = await visit.form()
    client = await visit.call(
        "api.update_client", client_id=visit.path_id("client_id"), changes={"relances_off": relances_off}
    )
    return await _done(visit, form, client, message)


async def _show(visit: Visit, form: Form | None = None) -> Response:
    """The page of a client; `form`: its pause, that was refused."""
    shown = await visit.call("api.show_client", client_id=visit.path_id("client_id"))
    client = shown["client"]
    if client["client_id"] != visit.path_id("client_id"):
        return visit.redirect(f"{_LIST}/{client['client_id']}")
    invoices = await visit.call("api.list_invoices", view="open", client_id=client["client_id"], limit=_SHOWN)
    frame = await visit.known()
    return await visit.render(
        "clients/client.html",
        200 if form is None else 422,
        **shown,
        invoices=invoices,
        new_invoice=address(
            "/invoices/new", {"client_name": client["name"], "client_email": client["email"]}
        ),
        terms=_terms(client, frame["organization"], visit.language),
        form=form,
    )


def _terms(client: dict[str, Any], organization: dict[str, Any], language: Language) -> str:
    """The terms of payment that count for a client."""
    whose = client if client["terms_days"] is not None else organization
    return terms_words(whose["terms_days"], bool(whose["terms_end_of_month"]), language)


async def _show_form(
    visit: Visit, form: Form, client: dict[str, Any] | None = None, status: int = 200
) -> Response:
    plans = (await visit.call("api.list_relance_plans"))["items"] if client else []
    frame = await visit.known()
    return await visit.render(
        "clients/form.html",
        status,
        client=client,
        form=form,
        plans=[plan for plan in plans if not plan["is_default"]],
        default_plan=next((plan["name"] for plan in plans if plan["is_default"]), ""),
        terms=_terms({"terms_days": None}, frame["organization"], visit.language),
    )


def _table(statement: dict[str, Any], visit: Visit) -> str:
    """A statement as lines that a spreadsheet of the reader's language opens; no cell is a formula."""
    words = visit.texts["csv"]
    language = visit.language
    lines = io.StringIO()
    write = csv.writer(lines, delimiter=";" if language == "fr" else ",", lineterminator="\r\n")
    columns = ("number", "issued_on", "due_on", "amount", "currency", "status", "paid_on", "days_late")
    write.writerow([words[column] for column in columns])
    for invoice in statement["invoices"]:
        paid_at = invoice["paid_at"] and datetime.fromisoformat(invoice["paid_at"])
        cells = (
            invoice["number"],
            invoice["issued_on"],
            invoice["due_on"],
            plain_amount(invoice["amount_cents"], invoice["currency"], language),
            invoice["currency"],
            words[invoice["status"]],
            paid_at.astimezone(visit.now.tzinfo).date().isoformat() if paid_at else "",
            invoice["days_late"] or "",
        )
        write.writerow([_plain(str(cell)) for cell in cells])
    return "\ufeff" + lines.getvalue()


def _plain(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
