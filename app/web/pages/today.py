"""Today: what waits for an answer, what is held, what leaves next."""

from starlette.responses import Response

from app.web.visit import Area, Visit

area = Area("today")


async def show_today(visit: Visit) -> Response:
    """The page that one opens with the morning coffee."""
    return await visit.render("today/today.html")
