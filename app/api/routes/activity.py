"""Activity: what happened in the organization."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.api.problems import problems
from app.api.routes import PREFIX
from app.api.routes.dependencies import Access, Db
from app.models.activity import ActivityEvent, ActivityPaging
from app.models.fields import Page

router = APIRouter(prefix=f"{PREFIX}/activity", tags=["activity"])


@router.get("", responses=problems(401, 404, 422, 503))
async def list_activity(
    query: Annotated[ActivityPaging, Query()], access: Access, db: Db
) -> Page[ActivityEvent]:
    """What happened, newest first; of some kinds, one client, some days, or all."""
    return Page[ActivityEvent](**await db.call("api.list_activity", access, **query.filters()))
