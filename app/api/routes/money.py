"""Money: what is owed and what was received."""

from fastapi import APIRouter

from app.api.problems import problems
from app.api.routes import PREFIX
from app.api.routes.dependencies import Access, Db
from app.models.money import Money

router = APIRouter(prefix=f"{PREFIX}/money", tags=["money"])


@router.get("", responses=problems(401, 503))
async def show_money(access: Access, db: Db) -> Money:
    """Owed, overdue, by age, and received by month, per currency."""
    return Money(**await db.call("api.show_money", access))
