"""Texts that mean something to SQL, in every place of every request: nothing is run, and nothing is lost.

The places come from the OpenAPI document, so that those of a new route are tried too.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.api.operations import Field, Operation, operations, own, put, send, state
from tests.api.support import Account, Api, registration
from tests.support.injection import STRINGS, texts

OPERATIONS = operations()
NOT_SHOWN = {"password", "reason"}
"""A password is never shown again; the reason of a reopening is in the timeline."""

HEADERS = (
    "Authorization",
    "X-Request-ID",
    "User-Agent",
    "Accept",
    "Accept-Language",
    "Origin",
    "Referer",
    "Cookie",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "If-None-Match",
)


BRIEF = STRINGS[::4]
"""Of each kind one: all of them are tried on the stored functions themselves, in tests/db/privileges."""


@pytest.fixture(scope="module", autouse=True)
def unharmed(api: Api) -> Iterator[None]:
    """Somebody to whom nothing happens: not one row of theirs changes."""
    bystander = api.register()
    own(bystander)
    before = state(bystander)
    yield
    assert state(bystander) == before


@pytest.fixture(scope="module")
def mine(api: Api) -> Account:
    """The caller, without a cookie, so that no request ends the session."""
    account = api.register()
    account.client.cookies.clear()
    return account


@pytest.fixture(scope="module")
def ids(mine: Account) -> dict[str, Any]:
    """What the caller has."""
    return own(mine)


def check(operation: Operation, answer: httpx.Response, *also: int) -> None:
    """The answer is one that the operation documents, and no failure of the server's."""
    assert answer.status_code in {*operation.statuses, *also} - {500}, (operation.name, answer.text)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_in_the_path_and_the_query(
    api: Api, mine: Account, ids: dict[str, Any], operation: Operation
) -> None:
    """Each parameter in turn, and an unknown one."""
    if operation.path.startswith("/api/v1/me/"):
        mine = api.register()  # its password may be another afterwards, its sessions ended
        ids = own(mine)
    body = operation.bodies()[0] if "auth" not in operation.path else registration()
    for place, name in (*operation.parameters, ("query", "nobody_knows")):
        for text in BRIEF:
            if place == "path":
                answer = send(mine, operation, ids | {name: quote(text, safe="")}, body)
                check(operation, answer, 302, 404, 405)
                assert answer.status_code >= 300
            else:
                assert place == "query"
                check(operation, send(mine, operation, ids, body, params={name: text}))


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_hostile_text_in_headers_is_only_text(
    mine: Account, ids: dict[str, Any], operation: Operation
) -> None:
    """All that a caller may send. Without a token no caller is let in."""
    for text in BRIEF:
        poisoned = {name: text.encode() for name in HEADERS}
        poisoned["Authorization"] = b"Bearer " + text.encode()
        poisoned["Cookie"] = b"rubis_refresh=" + quote(text).encode()
        answer = send(mine, operation, ids, operation.bodies()[0], headers=poisoned)
        check(operation, answer)
        if "/api/v1/auth" not in operation.path and 401 in operation.statuses:
            assert answer.status_code == 401


@pytest.mark.parametrize(
    "operation",
    [operation for operation in OPERATIONS if operation.schema],
    ids=lambda operation: operation.name,
)
def test_hostile_text_in_bodies_is_only_text(api: Api, mine: Account, operation: Operation) -> None:
    """Each field in turn, and an unknown one. What is accepted comes back letter for letter."""
    if operation.path.startswith("/api/v1/me/"):
        mine = api.register()  # its password may be another afterwards
    ids: dict[str, Any] = own(mine)
    for body in operation.bodies():
        if operation.name == "register":
            body |= {"email": registration()["email"]}
        if "client_id" in body:
            body["client_id"] = ids["client_id"]
        fields = [*operation.fields(), Field(("nobody_knows",), "string")]
        assert fields
        for field in fields:
            for text in BRIEF:
                answer = send(mine, operation, ids, put(body, field.way, text))
                check(operation, answer)
                if answer.is_success and answer.content and field.name not in NOT_SHOWN:
                    shown = list(texts(answer.json()))
                    assert any(text in one for one in shown), (operation.name, field)
        check(operation, send(mine, operation, ids, {**body, STRINGS[0]: STRINGS[1]}))
