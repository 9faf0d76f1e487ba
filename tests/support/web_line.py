"""The user's and the clicker's calls over real HTTP: an operation of the API has its function's name."""

import secrets
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx
from psycopg.types.json import Jsonb

from app.api.main import create_app
from app.core.settings import Settings
from tests.support.database import Database
from tests.support.line import Connections, Token


class Http(Connections):
    """The API at a URL, as a browser that follows no redirect; the worker and a DBA have connections."""

    def __init__(self, url: str, database: Database) -> None:
        super().__init__(database)
        self.client = httpx.Client(base_url=url, timeout=30)
        self.password = secrets.token_urlsafe(18)
        self.signed_in: dict[str, Any] = {}
        """What the API said at the latest sign-in."""

    def register(self, **facts: Any) -> tuple[bytes, Any]:
        """Register, and go on with the session's access token and cookie."""
        answer = self.request("POST", "/api/v1/auth/register", facts | {"password": self.password})
        return self.use(answer), answer

    def use(self, signed_in: dict[str, Any]) -> bytes:
        """Go on with this session; returns the hash of its access token."""
        self.signed_in = signed_in
        self.client.headers["Authorization"] = f"Bearer {signed_in['access_token']}"
        return Token.new(signed_in["access_token"])

    def call(self, function: str, /, **params: Any) -> Any:
        """Send the request of `api.<operation>`; `worker.` functions are called over a connection."""
        schema, _, name = function.partition(".")
        if schema != "api":
            return super().call(function, **params)
        params.pop("access_token_hash", None)  # the header has it
        if name in ("answer_checkin", "confirm_checkin", "undo_checkin"):
            return self._click(name, **params)
        method, path, queries = _operations()[name]
        ids = {name: params.pop(name) for name in list(params) if f"{{{name}}}" in path}
        query = {name: params.pop(name) for name in queries if params.get(name) is not None}
        return self.request(method, path.format(**ids), body(params), query)

    def request(
        self, method: str, path: str, content: Any = None, query: dict[str, Any] | None = None
    ) -> Any:
        """What the API says to a request that it grants."""
        answer = self.client.request(method, path, json=content, params=query)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def close(self) -> None:
        """Close the connections, HTTP's too."""
        self.client.close()
        super().close()

    def _click(
        self, name: str, token_hash: Token, answer: str | None = None, user_agent: str | None = None
    ) -> str:
        """Where a link leads, or what the page says was done: the outcome, as its address names it."""
        method, path, _ = _operations()[name if answer is None else f"{name}_{answer}"]
        headers = {} if user_agent is None else {"User-Agent": user_agent}
        said = self.client.request(method, path.format(token=token_hash.plain), headers=headers)
        assert said.is_redirect, said.text
        where = urlsplit(said.headers["location"])
        if method == "POST":
            return dict(pair.split("=") for pair in where.query.split("&") if pair).get("done", "")
        return "confirm" if where.query else where.path.rpartition("/")[2]


@cache
def _operations() -> dict[str, tuple[str, str, list[str]]]:
    """Method, path and the parameters of the query, by the operation's name."""
    document = create_app(Settings(_env_file=None, database_url="postgresql://x")).openapi()
    return {
        operation["operationId"]: (
            method.upper(),
            path,
            [one["name"] for one in operation.get("parameters", []) if one["in"] == "query"],
        )
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def body(params: dict[str, Any]) -> Any:
    """The body that says what these parameters of a function say; None if there are none."""
    plain = {name: value.obj if isinstance(value, Jsonb) else value for name, value in params.items()}
    if "changes" in plain:
        return plain["changes"]
    client = {"name": plain.pop("client_name", None), "email": plain.pop("client_email", None)}
    if "client_id" in plain and plain["client_id"] is None:
        plain["client"] = client
        del plain["client_id"]
    said = {name: str(value) if name.endswith("_on") else value for name, value in plain.items()}
    return said or None
