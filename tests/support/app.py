"""The web app over a real server, and a person's browser without scripts: forms, redirects, cookies."""

import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from html.parser import HTMLParser
from typing import Any

import httpx
import uvicorn

from app.core.security import token_hash
from app.core.settings import Settings
from app.web import create_app
from tests.support.cast import Cast
from tests.support.database import Database
from tests.support.waiting import until

SECRETS: set[str] = set()
"""The tokens and passwords that visitors have used: none may be in a log."""

LIMITS = ("limit_sign_in", "limit_sign_in_pair", "limit_sign_in_email", "limit_invalid_token")
OURS = {"Sec-Fetch-Site": "same-origin"}
"""What a browser sends with a form of our own page."""


class App:
    """A running app, and the browsers that look at it."""

    def __init__(self, url: str, cleanup: ExitStack) -> None:
        self.url = url
        self._cleanup = cleanup

    def visitor(self, language: str = "fr") -> "Visitor":
        """Somebody who is not signed in."""
        client = httpx.Client(base_url=self.url, timeout=30, headers={"Accept-Language": language})
        return Visitor(self.url, self._cleanup.enter_context(client))

    def user(self, cast: Cast) -> "Visitor":
        """The user of a cast, signed in."""
        visitor = self.visitor()
        visitor.client.cookies.set("rubis", session_of(cast))
        return visitor


@contextmanager
def serving_app(database: Database, **changes: Any) -> Iterator[App]:
    """The app on a free port, over this database; its address is its WEB_URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    settings = Settings(
        _env_file=None,
        api_database_url=database.conninfo("rubis_api"),
        web_url=url,
        app_url="https://api.example.test",
        **dict.fromkeys(LIMITS, "1000/minute") | changes,
    )
    server = uvicorn.Server(uvicorn.Config(create_app(settings), log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    until(lambda: server.started, "the app did not start")
    try:
        with ExitStack() as cleanup:
            yield App(url, cleanup)
    finally:
        server.should_exit = True
        thread.join(10)


class Visitor:
    """A person with a browser that runs no script. It follows a redirect only where that is said."""

    def __init__(self, url: str, client: httpx.Client) -> None:
        self.url = url
        self.client = client

    @property
    def token(self) -> str | None:
        """What the cookie holds."""
        return self.client.cookies.get("rubis")

    def get(self, path: str, **query: Any) -> "Page":
        """Open a page; where it redirects to is not opened."""
        return Page(self.client.get(path, params=query or None))

    def post(self, path: str, headers: dict[str, str] | None = None, /, **fields: Any) -> "Page":
        """Press a button of a form of ours; a list is a field that is there several times."""
        return Page(self.client.post(path, data=fields, headers=OURS if headers is None else headers))

    def press(self, path: str, /, **fields: Any) -> "Page":
        """Press a button that is granted, and open the page that is shown next."""
        answer = self.post(path, **fields)
        assert answer.status == 303, (answer.status, answer.text)
        return self.get(answer.to)


class Page:
    """An answer, and what of it a person reads."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.status = response.status_code
        self.to = response.headers.get("location", "")
        self.html = response.text

    @property
    def text(self) -> str:
        """The words of the page, with single spaces."""
        reader = _Text()
        reader.feed(self.html)
        return " ".join(" ".join(reader.words).split())


class _Text(HTMLParser):
    """Collects what is written between tags."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def session_of(cast: Cast) -> str:
    """The token of a new web session of the cast's user, as signing in makes it."""
    token = secrets.token_urlsafe(32)
    SECRETS.add(token)
    cast.dba(
        "insert into rubis.access_token (organization_id, user_id, session_id, token_hash, kind, expires_at)"
        " values (%s, %s, gen_random_uuid(), %s, 'web', rubis.clock() + interval '30 days')",
        cast.organization_id,
        cast.user_id,
        token_hash(token),
    )
    return token
