"""The forecast: what is asked and what leaves until a day."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.api.problems import problems
from app.api.routes import PREFIX
from app.api.routes.dependencies import Access, Db
from app.models.forecast import Forecast, ForecastQuery

router = APIRouter(prefix=f"{PREFIX}/forecast", tags=["today"])


@router.get("", responses=problems(401, 422, 503))
async def forecast(query: Annotated[ForecastQuery, Query()], access: Access, db: Db) -> Forecast:
    """What is asked and what leaves until a day is over, about all invoices."""
    return Forecast(**await db.call("api.forecast", access, until=query.until))
