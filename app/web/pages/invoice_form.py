"""The form of an invoice: a new one, or an open one to be corrected."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from babel.numbers import get_currency_name
from starlette.responses import Response

from app.core.amounts import read_cents
from app.core.codes import CURRENCY_DIGITS
from app.core.errors import ApiError
from app.core.text import LOCALES, Language
from app.models.invoices import DueOnQuery, InvoiceChanges, InvoiceDraft
from app.web import moments
from app.web.forms import Form
from app.web.pages.terms import terms_words
from app.web.visit import Area, Visit, local_path

area = Area("invoice_form", here="add")

_NAMES = {
    "client": "client_name",
    "client.name": "client_name",
    "client.email": "client_email",
    "client_id": "client_name",
    "amount_cents": "amount",
}
_FIELDS = ("client_name", "client_email", "number", "issued_on", "due_on", "amount", "currency")
_FIRST = ("EUR", "USD", "GBP", "CHF", "CAD")


@area.get("/invoices/new")
async def new_invoice(visit: Visit) -> Response:
    """An empty form, as far as it can be guessed: the next number of the series, today, euros."""
    number = (await visit.call("api.suggest_number"))["number"]
    await visit.known()
    values = {"number": number, "issued_on": visit.now.date().isoformat(), "currency": _FIRST[0]}
    asked = {name: value for name, value in visit.query.items() if name in _FIELDS}
    return await _show(visit, Form.of(values | asked, visit.language))


@area.post("/invoices/new")
async def create_invoice(visit: Visit) -> Response:
    """Issue it. What looks like a double is shown first; the button pressed again issues it all the same."""
    form = await visit.form()
    draft = form.read(InvoiceDraft, _NAMES, **_typed(form))
    if draft is None or draft.client is None:
        return await _show(visit, form, status=422)
    params = draft.model_dump(exclude={"client"})
    params |= {"client_name": draft.client.name, "client_email": draft.client.email}
    doubles = await _unseen_doubles(visit, form, params)
    if doubles:
        return await _show(visit, form, status=422, doubles=doubles)
    try:
        invoice = await visit.call("api.create_invoice", **params)
    except ApiError as error:
        form.refuse(error, _NAMES)
        return await _show(visit, form, status=422)
    return await _saved(visit, "created", invoice)


@area.post("/invoices/preview")
async def preview_invoice(visit: Visit) -> Response:
    """What the script shows while one types: clients of that name, and the day that the terms lead to."""
    form = await visit.form()
    clients = (await visit.call("api.find_clients", q=form.text("client_name") or ""))["items"]
    asked = form.read(
        DueOnQuery,
        client_name=form.text("client_name"),
        client_email=form.text("client_email"),
        issued_on=form.text("issued_on"),
    )
    due = None
    if asked is not None and form.text("due_on") is None:
        due = await visit.call("api.suggest_due_on", **asked.model_dump())
    return await visit.render(
        "invoice_form/preview.html", clients=clients, due=due, terms=due and _terms(due, visit.language)
    )


@area.get("/invoices/{invoice_id:int}/edit")
async def edit_invoice(visit: Visit) -> Response:
    """The form with what the invoice says. One that is settled has no form: its page says why."""
    invoice = await visit.call("api.get_invoice", invoice_id=visit.path_id("invoice_id"))
    if invoice["status"] != "open":
        return visit.redirect(f"/invoices/{invoice['invoice_id']}")
    await visit.known()
    values = {name: invoice[name] for name in ("number", "issued_on", "due_on", "currency")} | {
        "client_name": invoice["client"]["name"],
        "client_email": invoice["client"]["email"],
        "amount": _plain_amount(invoice["amount_cents"], invoice["currency"], visit.language),
    }
    return await _show(visit, Form.of(values, visit.language), invoice=invoice)


@area.post("/invoices/{invoice_id:int}/edit")
async def update_invoice(visit: Visit) -> Response:
    """Correct it. What the question was about makes Rubis ask again."""
    invoice_id = visit.path_id("invoice_id")
    invoice = await visit.call("api.get_invoice", invoice_id=invoice_id)
    form = await visit.form()
    typed = _typed(form)
    if _is_the_same(typed["client"], invoice["client"]):
        del typed["client"]  # several may have its name
    changes = form.read(InvoiceChanges, _NAMES, **typed)
    if changes is None:
        return await _show(visit, form, status=422, invoice=invoice)
    changed = {
        name: value
        for name, value in changes.model_dump(mode="json", exclude_unset=True).items()
        if value != invoice.get(name)
    }
    try:
        if changed.keys() & {"client", "number", "amount_cents", "currency", "issued_on"}:
            doubles = await _unseen_doubles(visit, form, _facts(invoice, changed), but=invoice_id)
            if doubles:
                return await _show(visit, form, status=422, invoice=invoice, doubles=doubles)
        invoice = await visit.call("api.update_invoice", invoice_id=invoice_id, changes=changed)
    except ApiError as error:
        form.refuse(error, _NAMES)
        return await _show(visit, form, status=422, invoice=invoice)
    return await _saved(visit, "changed", invoice)


def _typed(form: Form) -> dict[str, Any]:
    """What was typed, by the fields of the model; a due date that is empty is left to the terms."""
    currency = form.text("currency") or _FIRST[0]
    return {
        "client": {"name": form.text("client_name") or "", "email": form.text("client_email")},
        "number": form.text("number") or "",
        "issued_on": form.text("issued_on"),
        "due_on": form.text("due_on"),
        "amount_cents": form.cents("amount", currency if currency in CURRENCY_DIGITS else None),
        "currency": currency,
    }


def _is_the_same(typed: Mapping[str, Any], client: Mapping[str, Any]) -> bool:
    return (typed["name"], typed["email"]) == (client["name"], client["email"])


def _facts(invoice: Mapping[str, Any], changed: Mapping[str, Any]) -> dict[str, Any]:
    """What a double is looked for by: the invoice as it will be."""
    client = changed.get("client")
    return {
        "client_id": None if client else invoice["client"]["client_id"],
        "client_name": client["name"] if client else None,
        **{
            name: changed.get(name, invoice[name])
            for name in ("number", "amount_cents", "currency", "issued_on")
        },
    }


async def _unseen_doubles(
    visit: Visit, form: Form, facts: Mapping[str, Any], but: int | None = None
) -> list[dict[str, Any]]:
    """The doubles of an invoice, none if the form has shown them all already."""
    params = {
        name: facts[name]
        for name in ("client_id", "client_name", "amount_cents", "currency", "issued_on", "number")
    }
    found = (await visit.call("api.find_doubles", **params, but_invoice_id=but))["items"]
    seen = set((form.text("seen") or "").split())
    return found if {str(double["invoice_id"]) for double in found} - seen else []


async def _show(
    visit: Visit,
    form: Form,
    *,
    status: int = 200,
    invoice: Mapping[str, Any] | None = None,
    doubles: list[dict[str, Any]] | None = None,
) -> Response:
    """The form, with the clients that may be meant."""
    clients = (await visit.call("api.find_clients", q=form.text("client_name") or ""))["items"]
    frame = await visit.known()
    cents = form.cents("amount", form.text("currency"))
    if "amount" in form.faults and isinstance(cents, int) and cents <= 0:
        form.faults["amount"] = visit.texts["above_zero"]  # not in cents
    return await visit.render(
        "invoice_form/form.html",
        status,
        here="invoices" if invoice else area.here,
        form=form,
        invoice=invoice,
        doubles=doubles or [],
        clients=clients,
        currencies=_currencies(visit.language),
        terms=_terms(frame["organization"], visit.language),
        back=local_path(visit.query.get("back"))
        or (f"/invoices/{invoice['invoice_id']}" if invoice else "/"),
    )


def _terms(facts: Mapping[str, Any], language: Language) -> str:
    return terms_words(facts["terms_days"], facts["terms_end_of_month"], language)


async def _saved(visit: Visit, text: str, invoice: Mapping[str, Any]) -> Response:
    """The page of the invoice, which first says when its question comes."""
    asked_at = invoice["checkin"] and datetime.fromisoformat(invoice["checkin"]["scheduled_at"])
    values = {"number": invoice["number"]}
    if asked_at and invoice["checkin"]["status"] == "scheduled":
        if asked_at <= visit.now:
            text += "_now"
        else:
            text += "_later"
            values["when"] = moments.moment(asked_at.astimezone(visit.now.tzinfo), visit.now, visit.language)
    return await visit.done(f"/invoices/{invoice['invoice_id']}", text, **values)


@cache
def _currencies(language: Language) -> list[tuple[str, str]]:
    """All currencies by name, those that most invoices are in first."""
    named = [(code, get_currency_name(code, locale=LOCALES[language])) for code in CURRENCY_DIGITS]
    rest = sorted((pair for pair in named if pair[0] not in _FIRST), key=lambda pair: pair[0])
    first = [(code, dict(named)[code]) for code in _FIRST]
    return [(code, f"{code} · {name}") for code, name in first + rest]


def _plain_amount(cents: int, currency: str, language: Language) -> str:
    """An amount as one types it: `1200,50`."""
    digits = CURRENCY_DIGITS.get(currency, 2)
    whole, rest = divmod(cents, 10**digits)
    mark = "," if language == "fr" else "."
    text = f"{whole}{mark}{rest:0{digits}}" if digits else str(whole)
    assert read_cents(text, currency) == cents
    return text
