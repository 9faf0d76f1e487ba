"""The pages over a real server, and a real browser to read them in.

`web` reads the result pages, which need no database. `cast` is an organization of a test's own database,
`visitor` its user in the app, signed in.
"""

import shutil
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, expect, sync_playwright

from app.core.settings import Settings
from app.web import create_app
from tests.support.app import App, Visitor, serving_app
from tests.support.cast import Cast
from tests.support.database import Database
from tests.support.letters import calendar, proven
from tests.support.line import Connections
from tests.support.waiting import until


@pytest.fixture(scope="session")
def web_url() -> Iterator[str]:
    """Give the address of the pages, served by uvicorn on a free port."""
    # Nobody listens there: what needs a database says that there is none.
    settings = Settings(
        _env_file=None, app_url="https://api.example.test", api_database_url="postgresql://127.0.0.1:9/none"
    )
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(settings), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    until(lambda: server.started, "the pages' server did not start")
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def web(web_url: str) -> Iterator[httpx.Client]:
    """Give an HTTP client that names no language unless the test does."""
    with httpx.Client(base_url=web_url) as client:
        yield client


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a real Chromium, the system's own; its event loop must not outlast the module."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("Chromium is not installed: the pages are not read in a browser")
    expect.set_options(timeout=30_000)  # as for its navigations
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def screenshots(pytestconfig: pytest.Config) -> Path:
    """Make the folder of the pages' pictures, for a person to look at; git ignores it."""
    folder = pytestconfig.rootpath / "test-results" / "web"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def app(database: Database) -> Iterator[App]:
    """Give the app over this test's own database."""
    with serving_app(database) as app:
        yield app


@pytest.fixture
def cast(database: Database) -> Iterator[Cast]:
    """Give an organization, its user's address proven, the calendar filled, its clock standing still."""
    with Cast(Connections(database)) as cast:
        calendar(cast)
        proven(cast)
        yield cast


@pytest.fixture
def visitor(cast: Cast, app: App) -> Visitor:
    """Give the cast's user in the app, signed in."""
    return app.user(cast)
