"""Invoices, and the check-in of each."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.api.problems import problems
from app.api.routes import PREFIX
from app.api.routes.dependencies import Access, Db, PathId
from app.mail.letters import preview
from app.models.activity import ActivityEvent
from app.models.fields import Page, Paging
from app.models.forecast import Forecast, ForecastQuery
from app.models.invoices import (
    CheckinAnswer,
    CheckinOutcome,
    DoubleQuery,
    Doubles,
    DueOn,
    DueOnQuery,
    Invoice,
    InvoiceAct,
    InvoiceChanges,
    InvoiceDraft,
    InvoiceListing,
    InvoicePage,
    InvoicesDone,
    NextNumber,
    Reopening,
    SampleRemoval,
)
from app.models.pauses import PauseRequest
from app.models.relances import InvoiceRelances, Letters, RelancePreview

router = APIRouter(prefix=f"{PREFIX}/invoices", tags=["invoices"])
bulk = APIRouter(prefix=f"{PREFIX}/bulk", tags=["invoices"])
"""Not below `invoices`, where its name would stand for an id in other methods."""


@router.post("", status_code=201, responses=problems(400, 401, 409, 413, 422, 503))
async def create_invoice(body: InvoiceDraft, access: Access, db: Db) -> Invoice:
    """Issue an invoice. Its check-in and its first relance are scheduled with it."""
    params = body.model_dump(exclude={"client"})
    name, email = (body.client.name, body.client.email) if body.client else (None, None)
    params |= {"client_name": name, "client_email": email}
    return Invoice(**await db.call("api.create_invoice", access, **params))


@router.get("", responses=problems(401, 404, 422, 503))
async def list_invoices(query: Annotated[InvoiceListing, Query()], access: Access, db: Db) -> InvoicePage:
    """The invoices of a view, a client or a search, with the sums of what was asked for."""
    return InvoicePage(**await db.call("api.list_invoices", access, **query.model_dump()))


@router.get("/next-number", responses=problems(401, 422, 503))
async def suggest_number(access: Access, db: Db) -> NextNumber:
    """The number of the next invoice: that of the latest one, counted on."""
    return NextNumber(**await db.call("api.suggest_number", access))


@router.get("/due-on", responses=problems(401, 422, 503))
async def suggest_due_on(query: Annotated[DueOnQuery, Query()], access: Access, db: Db) -> DueOn:
    """When an invoice would be due by the terms of the client of this name, or by the organization's."""
    return DueOn(**await db.call("api.suggest_due_on", access, **query.model_dump()))


@router.get("/doubles", responses=problems(401, 404, 422, 503))
async def find_doubles(query: Annotated[DoubleQuery, Query()], access: Access, db: Db) -> Doubles:
    """Invoices that one to be issued may be a double of."""
    return Doubles(**await db.call("api.find_doubles", access, **query.model_dump()))


@router.post("/sample", status_code=201, responses=problems(401, 422, 503))
async def ask_sample(access: Access, db: Db) -> Invoice:
    """Ask a question now about a sample invoice, which is made if none is open."""
    return Invoice(**await db.call("api.ask_sample", access))


@router.delete("/sample", responses=problems(401, 422, 503))
async def remove_sample(access: Access, db: Db) -> SampleRemoval:
    """Remove the sample invoice from lists and sums."""
    return SampleRemoval(**await db.call("api.remove_sample", access))


@router.get("/{invoice_id}", responses=problems(401, 404, 422, 503))
async def get_invoice(invoice_id: PathId, access: Access, db: Db) -> Invoice:
    """One invoice, with its check-in and relances."""
    return Invoice(**await db.call("api.get_invoice", access, invoice_id=invoice_id))


@router.patch("/{invoice_id}", responses=problems(400, 401, 404, 409, 413, 422, 503))
async def update_invoice(invoice_id: PathId, body: InvoiceChanges, access: Access, db: Db) -> Invoice:
    """Correct an open invoice. If the change makes an answer doubtful, the check-in is asked again."""
    changes = body.model_dump(mode="json", exclude_unset=True)
    return Invoice(**await db.call("api.update_invoice", access, invoice_id=invoice_id, changes=changes))


@router.post("/{invoice_id}/mark-paid", responses=problems(401, 404, 409, 422, 503))
async def mark_invoice_paid(invoice_id: PathId, access: Access, db: Db) -> Invoice:
    """Settle an invoice by hand, once: a rubis is earned, its check-in and relance ahead are cancelled."""
    return Invoice(**await db.call("api.mark_invoice_paid", access, invoice_id=invoice_id))


@router.post("/{invoice_id}/cancel", responses=problems(401, 404, 409, 422, 503))
async def cancel_invoice(invoice_id: PathId, access: Access, db: Db) -> Invoice:
    """Withdraw an invoice, with its check-in and the relance ahead. Once."""
    return Invoice(**await db.call("api.cancel_invoice", access, invoice_id=invoice_id))


@router.post("/{invoice_id}/reopen", responses=problems(400, 401, 404, 409, 413, 422, 503))
async def reopen_invoice(invoice_id: PathId, body: Reopening, access: Access, db: Db) -> Invoice:
    """Open an invoice paid or cancelled by mistake; the rubis of that payment is taken back. Once."""
    return Invoice(**await db.call("api.reopen_invoice", access, invoice_id=invoice_id, **body.model_dump()))


@router.post("/{invoice_id}/pause", responses=problems(400, 401, 404, 409, 413, 422, 503))
async def pause_invoice(invoice_id: PathId, body: PauseRequest, access: Access, db: Db) -> Invoice:
    """Send no relance for this invoice until a day is over, such as the promised day of payment."""
    return Invoice(**await db.call("api.pause_invoice", access, invoice_id=invoice_id, **body.model_dump()))


@router.post("/{invoice_id}/resume", responses=problems(401, 404, 422, 503))
async def resume_invoice(invoice_id: PathId, access: Access, db: Db) -> Invoice:
    """The relances of this invoice go on."""
    return Invoice(**await db.call("api.resume_invoice", access, invoice_id=invoice_id))


@router.get("/{invoice_id}/relances", responses=problems(401, 404, 422, 503))
async def list_invoice_relances(invoice_id: PathId, access: Access, db: Db) -> InvoiceRelances:
    """The relances sent, the one ahead with its time or the reason it is held, and the forecast."""
    return InvoiceRelances(**await db.call("api.list_invoice_relances", access, invoice_id=invoice_id))


@router.get("/{invoice_id}/relances/preview", responses=problems(401, 404, 409, 422, 503))
async def preview_relance(invoice_id: PathId, access: Access, db: Db) -> RelancePreview:
    """The text of the relance ahead, as it would be sent now."""
    ahead = await db.call("api.preview_relance", access, invoice_id=invoice_id)
    return RelancePreview(**preview(ahead))


@router.get("/{invoice_id}/letters", responses=problems(401, 404, 422, 503))
async def list_invoice_letters(invoice_id: PathId, access: Access, db: Db) -> Letters:
    """The letters that left, or may have, with their exact text as long as it is kept."""
    return Letters(**await db.call("api.list_invoice_letters", access, invoice_id=invoice_id))


@router.post("/{invoice_id}/checkin/answer", responses=problems(400, 401, 404, 409, 413, 422, 503))
async def answer_invoice_checkin(
    invoice_id: PathId, body: CheckinAnswer, access: Access, db: Db
) -> CheckinOutcome:
    """Answer the check-in in the app: the same effects as its links."""
    return CheckinOutcome(
        **await db.call("api.answer_invoice_checkin", access, invoice_id=invoice_id, answer=body.answer)
    )


@router.post("/{invoice_id}/checkin/ask-again", responses=problems(401, 404, 409, 422, 503))
async def ask_checkin_again(invoice_id: PathId, access: Access, db: Db) -> Invoice:
    """Ask the check-in again, with a fresh mail."""
    return Invoice(**await db.call("api.ask_checkin_again", access, invoice_id=invoice_id))


@router.post("/{invoice_id}/undo", responses=problems(401, 404, 409, 422, 503))
async def undo_answer(invoice_id: PathId, access: Access, db: Db) -> Invoice:
    """Take the answer to the check-in back, with all that it did, wherever it was given; for 14 days."""
    return Invoice(**await db.call("api.undo_answer", access, invoice_id=invoice_id))


@router.get("/{invoice_id}/forecast", responses=problems(401, 404, 422, 503))
async def forecast_invoice(
    invoice_id: PathId, query: Annotated[ForecastQuery, Query()], access: Access, db: Db
) -> Forecast:
    """What is asked and what leaves about an invoice until a day is over."""
    return Forecast(**await db.call("api.forecast", access, invoice_id=invoice_id, until=query.until))


@router.get("/{invoice_id}/timeline", responses=problems(401, 404, 422, 503))
async def list_invoice_activity(
    invoice_id: PathId, query: Annotated[Paging, Query()], access: Access, db: Db
) -> Page[ActivityEvent]:
    """What happened to an invoice, newest first."""
    return Page[ActivityEvent](
        **await db.call("api.list_activity", access, invoice_id=invoice_id, **query.model_dump())
    )


@bulk.post("/invoices", responses=problems(400, 401, 413, 422, 503))
async def act_on_invoices(body: InvoiceAct, access: Access, db: Db) -> InvoicesDone:
    """Do one thing with up to 100 invoices; those that refuse it are named, the others are done."""
    params = body.model_dump(exclude={"invoice_ids"})
    return InvoicesDone(
        **await db.call("api.act_on_invoices", access, invoice_ids=tuple(body.invoice_ids), **params)
    )
