"""The result pages over a real server, and a real browser to read them in."""

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
from tests.support.waiting import until


@pytest.fixture(scope="session")
def web_url() -> Iterator[str]:
    """Give the address of the pages, served by uvicorn on a free port."""
    settings = Settings(_env_file=None, app_url="https://api.example.test")
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
