"""Clients."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.api.problems import problems
from app.api.routes import PREFIX
from app.api.routes.dependencies import Access, Db, PathId
from app.models.clients import (
    Client,
    ClientChanges,
    ClientDraft,
    ClientItem,
    ClientListing,
    ClientMerge,
    ClientOverview,
    ClientQuery,
    FoundClients,
    Statement,
)
from app.models.fields import Page
from app.models.pauses import PauseRequest

router = APIRouter(prefix=f"{PREFIX}/clients", tags=["clients"])


@router.post("", status_code=201, responses=problems(400, 401, 409, 413, 422, 503))
async def create_client(body: ClientDraft, access: Access, db: Db) -> Client:
    """Add a client."""
    return Client(**await db.call("api.create_client", access, **body.model_dump()))


@router.get("", responses=problems(401, 422, 503))
async def list_clients(query: Annotated[ClientListing, Query()], access: Access, db: Db) -> Page[ClientItem]:
    """The clients with what they owe, found by name or address, newest first or in another order."""
    return Page[ClientItem](**await db.call("api.list_clients", access, **query.model_dump()))


@router.get("/find", responses=problems(401, 422, 503))
async def find_clients(query: Annotated[ClientQuery, Query()], access: Access, db: Db) -> FoundClients:
    """Clients as their name is typed; without a text, the newest."""
    return FoundClients(**await db.call("api.find_clients", access, **query.model_dump()))


@router.get("/{client_id}", responses=problems(401, 404, 422, 503))
async def get_client(client_id: PathId, access: Access, db: Db) -> Client:
    """One client; for one that is merged, the client it is merged into."""
    return Client(**await db.call("api.get_client", access, client_id=client_id))


@router.get("/{client_id}/summary", responses=problems(401, 404, 422, 503))
async def show_client(client_id: PathId, access: Access, db: Db) -> ClientOverview:
    """What a client owes, how it pays, and which clients may be doubles of it."""
    return ClientOverview(**await db.call("api.show_client", access, client_id=client_id))


@router.get("/{client_id}/statement", responses=problems(401, 404, 422, 503))
async def show_statement(client_id: PathId, access: Access, db: Db) -> Statement:
    """The open invoices of a client and those it paid in the last 12 months."""
    return Statement(**await db.call("api.show_statement", access, client_id=client_id))


@router.patch("/{client_id}", responses=problems(400, 401, 404, 409, 413, 422, 503))
async def update_client(client_id: PathId, body: ClientChanges, access: Access, db: Db) -> Client:
    """Change a client: its name, address, language, plan, or whether it is reminded at all."""
    changes = body.model_dump(mode="json", exclude_unset=True)
    return Client(**await db.call("api.update_client", access, client_id=client_id, changes=changes))


@router.post("/{client_id}/pause", responses=problems(400, 401, 404, 413, 422, 503))
async def pause_client(client_id: PathId, body: PauseRequest, access: Access, db: Db) -> Client:
    """Send no relance to this client, under any name of its address, until a day is over."""
    return Client(**await db.call("api.pause_client", access, client_id=client_id, **body.model_dump()))


@router.post("/{client_id}/resume", responses=problems(401, 404, 422, 503))
async def resume_client(client_id: PathId, access: Access, db: Db) -> Client:
    """Relances to this client go on, under every name of its address."""
    return Client(**await db.call("api.resume_client", access, client_id=client_id))


@router.post("/{client_id}/merge", responses=problems(400, 401, 404, 409, 413, 422, 503))
async def merge_client(client_id: PathId, body: ClientMerge, access: Access, db: Db) -> Client:
    """Two clients are one: this one is merged into the other, whose address, plan and pause count."""
    return Client(**await db.call("api.merge_client", access, client_id=client_id, **body.model_dump()))
