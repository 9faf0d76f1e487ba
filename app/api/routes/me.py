"""Who is signed in."""

from uuid import UUID

from fastapi import APIRouter, Request

from app.api.problems import problems
from app.api.routes import PREFIX
from app.api.routes.dependencies import Access, Db, RateLimits
from app.core import accounts
from app.core.callers import client_address
from app.models.auth import AddressChange, EndedSessions, OpenSessions, PasswordChange
from app.models.organizations import Me, User, UserChanges

router = APIRouter(prefix=f"{PREFIX}/me", tags=["organization"])


@router.get("", responses=problems(401, 503))
async def get_me(access: Access, db: Db) -> Me:
    """Who is signed in, with the organization and its rubis."""
    return Me(**await db.call("api.get_me", access))


@router.patch("", responses=problems(400, 401, 413, 422, 503))
async def update_me(body: UserChanges, access: Access, db: Db) -> User:
    """Change one's own name or language."""
    changes = body.model_dump(mode="json", exclude_unset=True)
    return User(**await db.call("api.update_me", access, changes=changes))


@router.post("/password", status_code=204, responses=problems(400, 401, 413, 422, 429, 503))
async def change_password(
    body: PasswordChange, request: Request, *, access: Access, db: Db, limits: RateLimits
) -> None:
    """Change one's own password: all other sessions end, and a mail tells of it."""
    await accounts.change_password(
        db,
        limits,
        client_address(request),
        access,
        password=body.password.get_secret_value(),
        new_password=body.new_password.get_secret_value(),
    )


@router.post("/email", status_code=202, responses=problems(400, 401, 413, 422, 429, 503))
async def change_email(
    body: AddressChange, request: Request, *, access: Access, db: Db, limits: RateLimits
) -> None:
    """Mail a link to a new address: its button makes it one's own. The old address is told.

    The link works for 24 hours. By a link of its own, the old address can stop the change for 7 days.
    """
    await accounts.change_email(
        db,
        limits,
        client_address(request),
        access,
        email=body.email,
        password=body.password.get_secret_value(),
    )


@router.post("/verify-email", status_code=202, responses=problems(401, 429, 503))
async def request_email_proof(access: Access, db: Db) -> User:
    """Mail a link to the page that proves the address, unless it is proven or one was sent just now."""
    return User(**await db.call("api.request_email_proof", access))


@router.get("/sessions", responses=problems(401, 503))
async def list_sessions(access: Access, db: Db) -> OpenSessions:
    """One's own sessions, last used first: those of the web app and those of programs."""
    return OpenSessions(**await db.call("api.list_sessions", access))


@router.delete("/sessions", responses=problems(401, 503))
async def end_other_sessions(access: Access, db: Db) -> EndedSessions:
    """End all sessions but the one that calls."""
    return EndedSessions(**await db.call("api.end_other_sessions", access))


@router.delete("/sessions/{session_id}", status_code=204, responses=problems(401, 404, 422, 503))
async def end_session(session_id: UUID, access: Access, db: Db) -> None:
    """End a session: none of its tokens is accepted any more."""
    await db.call("api.end_session", access, session_id=session_id)
