"""The page of one invoice: what follows and why, its history, and what can be done with it."""

from typing import Any

from pydantic import BaseModel
from starlette.responses import Response

from app.core.errors import ApiError
from app.mail.letters import preview
from app.models.forecast import ForecastQuery
from app.models.invoices import CheckinAnswer, Reopening
from app.models.pauses import PauseRequest
from app.web.events import history, tell
from app.web.forms import Form
from app.web.pages.today import ACTS, LINKS
from app.web.visit import Area, Kind, Visit
from app.web.words import load_texts

area = Area("invoice", here="invoices")

RULES = {
    "word_stale": "/settings#f-question_valid_days",
    "owner_being_asked": "/settings#f-checkin_time",
    "link_alive": "/settings#f-click_mode",
    "client_spacing": "/settings#f-client_spacing_days",
    "day_off": "/settings#f-holiday_region",
    "calendar_unknown": "/settings#f-holiday_region",
    "notice_running": "/plans",
    "too_soon": "/plans",
}
"""The setting behind a reason to wait."""

_PATH = "/invoices/{invoice_id:int}"
_REFUSED = (409, 422)


@area.get(_PATH)
async def show_invoice(visit: Visit) -> Response:
    """Show an invoice; with `?until=`, what happens until that day."""
    form = Form.of(visit.query, (await visit.known())["user"]["locale"])
    return await _show(visit, form, "forecast" if "until" in visit.query else None)


async def _show(visit: Visit, form: Form, asked: str | None, status: int = 200) -> Response:
    """The page; `form` is that of the act `asked`, which is open."""
    invoice_id = visit.path_id("invoice_id")
    shown = await visit.call("api.show_invoice", invoice_id=invoice_id)
    foretold = None
    if asked == "forecast":
        query = form.read(ForecastQuery, until=form.text("until"))
        if query is not None:
            try:
                foretold = await visit.call("api.forecast", invoice_id=invoice_id, until=query.until)
            except ApiError as error:
                form.refuse(error)
        status = 200 if foretold else 422
    return await visit.render(
        "invoice/invoice.html",
        status,
        **shown,
        entries=history(shown),
        tell=tell,
        form=form,
        asked=asked,
        foretold=foretold,
        free=ACTS,
        links=LINKS,
        rules_at=RULES,
        reasons=load_texts(visit.language, "public")["checkin_reasons"],
    )


@area.get(_PATH + "/letter")
async def show_letter(visit: Visit) -> Response:
    """Show the exact letter that is ahead."""
    try:
        ahead = await visit.call("api.preview_relance", invoice_id=visit.path_id("invoice_id"))
    except ApiError as error:
        if error.reason != "relance__none_ahead":
            raise
        return await visit.render("invoice/letter.html", letter=None)
    return await visit.render("invoice/letter.html", letter=preview(ahead))


@area.post(_PATH + "/answer")
async def answer(visit: Visit) -> Response:
    """Answer the question: paid or not yet."""
    form = await visit.form()
    body = form.read(CheckinAnswer, answer=form.text("answer"))
    if body is None:
        return await _show(visit, form, None, 422)
    return await _done(
        visit,
        form,
        "api.answer_invoice_checkin",
        {"answer": body.answer},
        {"paid": "answered_paid", "pending": "answered_pending", "already_answered": "answered_already"},
    )


@area.post(_PATH + "/pause")
async def pause(visit: Visit) -> Response:
    """Send no relance until a day is over, such as the promised day of payment."""
    form = await visit.form()
    body = form.read(PauseRequest, until=form.text("until"), reason=form.text("reason"))
    return await _change(visit, form, body, act="pause", message="paused")


@area.post(_PATH + "/reopen")
async def reopen(visit: Visit) -> Response:
    """Open it again, for a reason."""
    form = await visit.form()
    body = form.read(Reopening, reason=form.text("reason") or "")
    return await _change(visit, form, body, act="reopen", message="reopened")


@area.post(_PATH + "/paid")
async def mark_paid(visit: Visit) -> Response:
    """Mark it paid by hand."""
    return await _done(visit, await visit.form(), "api.mark_invoice_paid", {}, "paid")


@area.post(_PATH + "/undo")
async def undo(visit: Visit) -> Response:
    """Take the last answer back."""
    return await _done(visit, await visit.form(), "api.undo_answer", {}, "undone")


@area.post(_PATH + "/resume")
async def resume(visit: Visit) -> Response:
    """End its pause."""
    return await _done(visit, await visit.form(), "api.resume_invoice", {}, "resumed")


@area.post(_PATH + "/exclude")
async def exclude(visit: Visit) -> Response:
    """Send no relance about it any more."""
    changes = {"changes": {"relances_off": True}}
    return await _done(visit, await visit.form(), "api.update_invoice", changes, "excluded")


@area.post(_PATH + "/include")
async def include(visit: Visit) -> Response:
    """Send relances about it again."""
    changes = {"changes": {"relances_off": False}}
    return await _done(visit, await visit.form(), "api.update_invoice", changes, "included")


@area.post(_PATH + "/ask")
async def ask(visit: Visit) -> Response:
    """Ask the question now."""
    return await _done(visit, await visit.form(), "api.ask_checkin_again", {}, "asked")


@area.post(_PATH + "/cancel")
async def cancel(visit: Visit) -> Response:
    """Withdraw it."""
    return await _done(visit, await visit.form(), "api.cancel_invoice", {}, "cancelled")


@area.post("/relances/{relance_id:int}/confirm")
async def confirm_relance(visit: Visit) -> Response:
    """Count a letter of unknown fate as sent."""
    return await _decide(visit, "api.confirm_relance", "confirmed")


@area.post("/relances/{relance_id:int}/resend")
async def resend_relance(visit: Visit) -> Response:
    """Send a letter again that failed, or of which it is not known whether it arrived."""
    return await _decide(visit, "api.resend_relance", "resent")


async def _change(visit: Visit, form: Form, body: BaseModel | None, *, act: str, message: str) -> Response:
    """Do what a form with fields asks for; refused, it comes back open, with what was typed."""
    if body is not None:
        values = body.model_dump()
        try:
            invoice = await visit.call(f"api.{act}_invoice", invoice_id=visit.path_id("invoice_id"), **values)
        except ApiError as error:
            form.refuse(error)
        else:
            return await _say(visit, form, message, invoice)
    return await _show(visit, form, act, 422)


async def _done(
    visit: Visit, form: Form, function: str, values: dict[str, Any], message: str | dict[str, str]
) -> Response:
    """Do what a button asks for. What is not possible any more is said on the page that it came from."""
    try:
        done = await visit.call(function, invoice_id=visit.path_id("invoice_id"), **values)
    except ApiError as error:
        return await _refused(visit, form, error, _page_of(visit))
    if isinstance(message, dict):
        message, done = message[done["outcome"]], done["invoice"]
    kind: Kind = "earned" if message in ("paid", "answered_paid") else "done"
    return await _say(visit, form, message, done, kind)


async def _decide(visit: Visit, function: str, message: str) -> Response:
    form = await visit.form()
    try:
        await visit.call(function, relance_id=visit.path_id("relance_id"))
    except ApiError as error:
        return await _refused(visit, form, error, "/")
    return await visit.done(visit.back(form, "/"), message)


async def _say(
    visit: Visit, form: Form, message: str, invoice: dict[str, Any], kind: Kind = "done"
) -> Response:
    names = {
        "invoice_id": invoice["invoice_id"],
        "number": invoice["number"],
        "client": invoice["client"]["name"],
    }
    return await visit.done(visit.back(form, _page_of(visit)), message, kind=kind, **names)


async def _refused(visit: Visit, form: Form, error: ApiError, default: str) -> Response:
    if error.status not in _REFUSED:
        raise error
    return await visit.done(visit.back(form, default), "refused", kind="refused", words=form.words(error))


def _page_of(visit: Visit) -> str:
    return f"/invoices/{visit.path_id('invoice_id')}"
