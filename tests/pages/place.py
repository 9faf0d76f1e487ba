"""Where pages are looked at: the app over a busy organization, and what a browser is like that opens it."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any, NamedTuple

from playwright.sync_api import Browser, Page

from app.core.text import Language
from app.web.language import LANGUAGES
from app.web.server import AREAS
from tests.support.app import App, session_of
from tests.support.busy import Busy
from tests.support.cast import Cast
from tests.web.legible import SCHEMES, Scheme

ALL = os.environ.get("RUBIS_PAGES") == "all"
"""Whether to look at all there is (`make pages`)."""

WIDTHS = (320, 768, 1280)
TALL = 4000
"""A window in which the bar of a phone covers nothing."""

FORBIDDEN = re.compile("violates|Refused to|Content Security Policy|Uncaught", re.IGNORECASE)


class Look(NamedTuple):
    """Who looks at a page, on what."""

    language: Language
    scheme: Scheme
    width: int


LOOKS = [Look(*one) for one in product(LANGUAGES, SCHEMES, WIDTHS)]


class Place:
    """The app and its organization."""

    def __init__(self, app: App, cast: Cast) -> None:
        self.app = app
        self.cast = cast
        self.token = session_of(cast)
        self.example: dict[str, int | str] = {} if not isinstance(cast, Busy) else examples(cast)

    def address(self, path: str) -> str:
        """Where a page of this organization is: `{invoice_id:int}` filled in."""
        return re.sub(r"{(\w+)(?::\w+)?}", lambda found: str(self.example[found[1]]), path)

    def speak(self, language: Language) -> None:
        """The user reads the pages in this language."""
        self.cast.dba("update rubis.app_user set locale = %s", language)

    @contextmanager
    def visit(self, browser: Browser, look: Look, *, signed_in: bool = True, **facts: Any) -> Iterator[Page]:
        """Open a window; when it is closed, nothing may have gone wrong or been asked of another origin."""
        self.speak(look.language)
        troubles: list[str] = []
        context = browser.new_context(
            base_url=self.app.url,
            viewport={"width": look.width, "height": 900},
            color_scheme=look.scheme,
            locale=look.language,
            **facts,
        )
        if signed_in:
            context.add_cookies([{"name": "rubis", "value": self.token, "url": self.app.url}])
        try:
            page = context.new_page()
            # A transition that the next page cuts short is reported by the browser as if it were a fault.
            page.on(
                "pageerror",
                lambda e: None if "Transition was" in e.message else troubles.append(f"script error: {e}"),
            )
            page.on("console", lambda m: troubles.append(m.text) if FORBIDDEN.search(m.text) else None)
            page.on(
                "request",
                lambda r: None if r.url.startswith(self.app.url) else troubles.append(f"elsewhere: {r.url}"),
            )
            yield page
        finally:
            context.close()
        assert troubles == []


def examples(cast: Busy) -> dict[str, int | str]:
    """What stands in the addresses of pages."""
    invoice_id = cast.ids["F-2026-005"]
    return {
        "invoice_id": invoice_id,
        "client_id": cast.row(invoice_id)["client_id"],
        "relance_plan_id": cast.newest("relance_plan"),
        "tone": "firm",
        "token": "A" * 43,
        "import_batch_id": cast.newest("import_batch"),
        "import_draft_id": cast.newest("import_draft"),
    }


def pages() -> list[str]:
    """The paths of all pages that are shown to who is signed in."""
    paths = {
        route.path
        for area in AREAS
        for route in area.routes
        if "GET" in (route.methods or ()) and route.path not in NOT_PAGES
    }
    return sorted(paths)


NOT_PAGES = {"/sign-in", "/sign-up", "/clients/{client_id:int}/statement.csv"}
"""Who is signed in is led on from there; they are looked at signed out. And a file."""
