"""Today: what waits for an answer, what is held, what leaves next."""

from starlette.responses import Response

from app.web.figures import parts
from app.web.pages.steps import steps_of
from app.web.visit import Area, Visit
from app.web.words import load_texts

area = Area("today")

ACTS = {
    "confirm_address": "/settings/account/prove",
    "include": "/invoices/{id}/include",
    "ask_now": "/invoices/{id}/ask",
    "resume": "/invoices/{id}/resume",
}
"""What frees a held relance by one button, by its remedy: where it is pressed."""

LINKS = {
    "add_address": "/clients/{client}/edit",
    "include_client": "/clients/{client}",
    "resume_client": "/clients/{client}",
    "answer": "/invoices/{id}",
    "decide": "/invoices/{id}",
    "confirm": "/invoices/{id}",
}
"""What is done on another page: which."""


async def show_today(visit: Visit) -> Response:
    """The page that one opens with the morning coffee."""
    today = await visit.call("api.show_today")
    await visit.known()
    return await visit.render(
        "today/today.html",
        today=today,
        steps=steps_of(visit, today["start"]),
        acts=ACTS,
        links=LINKS,
        reasons=load_texts(visit.language, "public")["checkin_reasons"],
        parts=parts,
    )
