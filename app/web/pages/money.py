"""Money: what is owed, by age, and what was received, by month."""

from datetime import date
from typing import Any

from starlette.responses import Response

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
        shares=shares,
        month=lambda text: month(date.fromisoformat(f"{text}-01"), visit.language),
    )


def shares(rows: list[dict[str, Any]], *, of_sum: bool) -> list[float]:
    """Each row's amount in per cent: of the sum of all, or of the largest; 0 where nothing is."""
    cents = [row["amount_cents"] for row in rows]
    whole = sum(cents) if of_sum else max(cents, default=0)
    return [100 * amount / whole if whole else 0.0 for amount in cents]
