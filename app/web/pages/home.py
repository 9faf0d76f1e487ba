"""The front page: Today for who is signed in, what Rubis does for everybody else. And the page "More"."""

from starlette.responses import Response

from app.web.pages import today
from app.web.pages.account import is_signed_in
from app.web.visit import Area, Visit

area = Area("home")


@area.get("/", public=True)
async def front(visit: Visit) -> Response:
    """Show Today, or the way in."""
    if await is_signed_in(visit):
        return await today.show_today(visit.of(today.area))
    return await visit.render("home/home.html")


@area.get("/more")
async def more(visit: Visit) -> Response:
    """What has no place in the bar of a phone."""
    return await visit.render("home/more.html", here="more")
