"""Who is signed in."""

from fastapi import APIRouter

from app.models.organizations import Me
from app.problems import problems
from app.routes import PREFIX
from app.routes.dependencies import Access, Db

router = APIRouter(prefix=f"{PREFIX}/me", tags=["organization"])


@router.get("", responses=problems(401, 503))
async def get_me(access: Access, db: Db) -> Me:
    """Who is signed in, with the organization and its rubis."""
    return Me(**await db.call("api.get_me", access))
