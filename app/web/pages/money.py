"""Money: what is owed, by age, and what was received, by month."""

from datetime import date

from starlette.responses import Response

from app.web.figures import parts, shares
from app.web.moments import month
from app.web.visit import Area, Visit

area = Area("money")


@area.get("/money")
async def show_money(visit: Visit) -> Response:
    """A section for each currency: figures, then tables with a bar for each row."""
    money = await visit.call("api.show_money")
    await visit.known()
    return await visit.render(
        "money/money.html",
        money=money,
        parts=parts,
        shares=shares,
        month=lambda text: month(date.fromisoformat(f"{text}-01"), visit.language),
    )
