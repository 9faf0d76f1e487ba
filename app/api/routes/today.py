"""Today: what waits for the user, and what comes next."""

from fastapi import APIRouter

from app.api.problems import problems
from app.api.routes import PREFIX
from app.api.routes.dependencies import Access, Db
from app.models.today import Today

router = APIRouter(prefix=f"{PREFIX}/today", tags=["today"])


@router.get("", responses=problems(401, 503))
async def show_today(access: Access, db: Db) -> Today:
    """The questions that wait, what is held and why, what comes next, and what is owed."""
    return Today(**await db.call("api.show_today", access))
