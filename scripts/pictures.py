"""Take the pictures of the app in docs/pictures: `make pictures`, with Debian's chromium.

Each state is a page of one busy organization (tests/support/busy.py), in both colour schemes. Look at them
one by one when they have changed: alignment, rhythm, words, emptiness.
"""

import base64
import logging
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import psycopg
import structlog
from playwright.sync_api import Browser, Page, sync_playwright

from app.deploy.migrate import migrate
from tests.pages.place import Look, Place
from tests.support.app import serving_app
from tests.support.busy import busy
from tests.support.cast import Cast
from tests.support.database import Database, copy_release, grant_create, running_server
from tests.support.letters import calendar
from tests.support.line import Connections
from tests.web.legible import SCHEMES, Scheme

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
DESK, PHONE = (1280, 800), (390, 780)
MOST_BYTES = 60_000
QUALITY = 72

Act = Callable[[Page], None]


class State(NamedTuple):
    """What one picture shows."""

    name: str
    path: str
    size: tuple[int, int] = DESK
    signed_in: bool = True
    act: Act | None = None
    """What the person does before the picture is taken."""
    new: bool = False
    """Whether the organization has just signed up, and has nothing yet."""


STATES = [
    State("front", "/", signed_in=False),
    State("sign-up", "/sign-up", PHONE, signed_in=False),
    State("first-minutes", "/", new=True),
    State("today", "/"),
    State("today-phone", "/", PHONE),
    State("invoices", "/invoices?view=overdue"),
    State("invoices-phone", "/invoices?view=overdue", PHONE),
    State("invoices-empty", "/invoices", new=True),
    State("invoice", "/invoices/{invoice_id}"),
    State("invoice-phone", "/invoices/{invoice_id}", PHONE),
    State("invoice-new", "/invoices/new"),
    State("letter", "/invoices/{invoice_id}/letter"),
    State("clients", "/clients"),
    State("client", "/clients/{client_id}"),
    State("plan", "/plans/{relance_plan_id}"),
    State("money", "/money"),
    State("import", "/import/{import_batch_id}"),
    State("activity", "/activity", PHONE),
    State("settings", "/settings"),
    State("not-found", "/nowhere", PHONE),
]


@contextmanager
def places() -> Iterator[tuple[Place, Place]]:
    """The app over a busy organization, and over one that has just signed up."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(running_server(18))
        found = []
        for name in ("busy", "new"):
            conninfo = stack.enter_context(server.empty_database(name))
            migrate(conninfo, copy_release(folder / name))
            with psycopg.connect(conninfo) as connection:
                grant_create(connection)
            database = Database(server, name, stack, folder)
            line = Connections(database)
            cast: Cast = busy(line, extremes=False) if name == "busy" else fresh(line)
            stack.callback(line.close)
            found.append(Place(stack.enter_context(serving_app(database)), cast))
        yield found[0], found[1]


def fresh(line: Connections) -> Cast:
    """A person who has just signed up."""
    cast = Cast(line, name="Atelier Martin", email="lea@atelier-martin.example")
    cast.dba("update rubis.app_user set full_name = 'Léa Martin' where user_id = %s", cast.user_id)
    calendar(cast)
    return cast


def take(browser: Browser, place: Place, state: State, scheme: Scheme) -> bytes:
    """Open the page and take its picture, as WebP."""
    look = Look("fr", scheme, state.size[0])
    with place.visit(browser, look, signed_in=state.signed_in) as page:
        page.set_viewport_size({"width": state.size[0], "height": state.size[1]})
        page.goto(place.address(state.path))
        if state.act is not None:
            state.act(page)
        page.wait_for_timeout(300)
        shot = page.context.new_cdp_session(page).send(
            "Page.captureScreenshot", {"format": "webp", "quality": QUALITY}
        )
        return base64.b64decode(shot["data"])


def main(names: list[str]) -> None:
    """Take all pictures, or those of these names."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("Chromium is not installed")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    FOLDER.mkdir(exist_ok=True)
    total = 0
    with places() as (busy_place, new_place), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for state in STATES:
            if names and state.name not in names:
                continue
            for scheme in SCHEMES:
                picture = take(browser, new_place if state.new else busy_place, state, scheme)
                (FOLDER / f"{state.name}-{scheme}.webp").write_bytes(picture)
                total += len(picture)
                heavy = "  too heavy" if len(picture) > MOST_BYTES else ""
                print(f"{state.name}-{scheme}.webp  {len(picture) / 1000:.0f} kB{heavy}")
        browser.close()
    print(f"{total / 1000:.0f} kB in all")


if __name__ == "__main__":
    main(sys.argv[1:])
