"""Relances whose fate the user decides."""

from fastapi import APIRouter

from app.api.problems import problems
from app.api.routes import PREFIX
from app.api.routes.dependencies import Access, Db, PathId
from app.models.relances import InvoiceRelances

router = APIRouter(prefix=f"{PREFIX}/relances", tags=["relances"])


@router.post("/{relance_id}/resend", responses=problems(401, 404, 409, 422, 503))
async def resend_relance(relance_id: PathId, access: Access, db: Db) -> InvoiceRelances:
    """Send an unconfirmed or failed relance again, as soon as the verdict allows."""
    return InvoiceRelances(**await db.call("api.resend_relance", access, relance_id=relance_id))


@router.post("/{relance_id}/confirm", responses=problems(401, 404, 409, 422, 503))
async def confirm_relance(relance_id: PathId, access: Access, db: Db) -> InvoiceRelances:
    """Count an unconfirmed relance as sent, once: it has arrived after all."""
    return InvoiceRelances(**await db.call("api.confirm_relance", access, relance_id=relance_id))
