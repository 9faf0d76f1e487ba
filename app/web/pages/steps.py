"""The first five minutes: three steps on Today, a question to try, and the outbox to read it in."""

import re
from collections.abc import Mapping
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from anyio import to_thread
from markupsafe import Markup, escape
from starlette.responses import Response

from app.core.errors import ApiError
from app.core.settings import Settings
from app.mail.outbox import Mail, latest_mails
from app.web.visit import Area, Visit
from app.web.words import load_texts

area = Area("steps", here="today")

_LOCAL = {"localhost", "127.0.0.1", "::1"}
_SHOWN = 20
_LINK = re.compile(r"^https?://\S+$")


def steps_of(visit: Visit, start: Mapping[str, Any]) -> dict[str, Any] | None:
    """What `today/steps.html` needs as `steps`, from `start` of `api.show_today`; None if all is done.

    A sample that is still there is shown with the button that removes it, also when all is done.
    """
    done = {
        "address": start["address_proven"],
        "invoices": start["has_invoices"],
        "question": start["sample_asked"],
    }
    if all(done.values()) and start["sample"] is None:
        return None
    return {
        "t": load_texts(visit.language, "steps"),
        "done": done,
        "finished": all(done.values()),
        "sample": start["sample"],
        "address": start["address"],
        "outbox": has_outbox(visit.site.settings),
    }


def has_outbox(settings: Settings) -> bool:
    """Whether mails are files of this machine, and the app is looked at from it."""
    return settings.mail_driver == "file" and urlsplit(settings.web_url).hostname in _LOCAL


@area.post("/sample")
async def ask_sample(visit: Visit) -> Response:
    """Mail a question about a sample invoice, now."""
    form = await visit.form()
    await visit.call("api.ask_sample")
    user = (await visit.known())["user"]
    said = "asked_outbox" if has_outbox(visit.site.settings) else "asked"
    return await visit.done(visit.back(form, "/"), said, address=user["email"])


@area.post("/sample/remove")
async def remove_sample(visit: Visit) -> Response:
    """Take the sample out of all lists."""
    form = await visit.form()
    await visit.call("api.remove_sample")
    return await visit.done(visit.back(form, "/"), "removed")


@area.get("/outbox")
async def show_outbox(visit: Visit) -> Response:
    """The latest mails to one's own address, where mails are files: with links that can be pressed."""
    if not has_outbox(visit.site.settings):
        raise ApiError(404, "page__404", "")
    address = (await visit.known())["user"]["email"].casefold()
    mails = await to_thread.run_sync(
        latest_mails,
        visit.site.settings.outbox_dir,
        lambda mail: parseaddr(mail.to)[1].casefold() == address,
        _SHOWN,
    )
    return await visit.render("steps/outbox.html", mails=[(mail, _linked(mail)) for mail in mails])


def _linked(mail: Mail) -> Markup:
    """The text of a mail, each address that stands alone on its line made a link."""
    lines = (
        Markup('<a href="{}" rel="noreferrer">{}</a>').format(line, line)
        if _LINK.match(line)
        else escape(line)
        for line in mail.text.split("\n")
    )
    return Markup("\n").join(lines)
